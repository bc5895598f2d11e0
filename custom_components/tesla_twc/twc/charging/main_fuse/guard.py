"""Watches every limit with sensors: the main fuse, the feeders that are measured, and circuits with other loads.

A feeder with sensors is watched like a main fuse of its own that some of the cars are on.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from ...protocol.codes import TwcId
from ..decision import FuseState
from ..inputs import Circuit, ConnectorInput, on_circuit
from ..readings import SensorReading, SiteReadings
from ..settings import SiteSettings
from ..wiring import Wiring
from .conductor import Conductor, FuseView
from .other_loads import OtherLoads
from .watch import FuseMemory, FuseWatch, drawn_by


class HouseGuard:
    """Watches the limits of one house. Amps are A per phase, times are s of one clock."""

    def __init__(self, main: FuseWatch, feeders: Mapping[str, FuseMemory]) -> None:
        """Take who watches the main fuse, and what was learnt of each feeder before a restart, by its name."""
        self._main = main
        self._feeders = {name: FuseWatch(memory) for name, memory in feeders.items()}
        self._others: dict[str, OtherLoads] = {}
        """The other loads on each circuit."""

    def forget_meter(self) -> None:
        """Learn the sensors anew, because others or another sign were chosen."""
        self._main.forget_meter()
        self._feeders.clear()

    def forget_feeders(self, names: Iterable[str]) -> None:
        """Learn the sensors of some feeders anew, because others or another sign were chosen there."""
        for name in names:
            self._feeders.pop(name, None)

    def remembered(self) -> dict[str, FuseMemory]:
        """Return what was learnt of each feeder and must survive a restart."""
        found = {name: watch.remembered() for name, watch in self._feeders.items()}
        return {name: memory for name, memory in found.items() if memory != FuseMemory()}

    def follow(
        self,
        readings: SiteReadings,
        site: SiteSettings,
        wiring: Wiring,
        connectors: Mapping[TwcId, ConnectorInput],
        drawn: Mapping[TwcId, float],
        beside_amps: float,
        now: float,
        *,
        on_purpose: bool = False,
        held_back: Container[TwcId] = (),
        grid: SensorReading | None = None,
    ) -> FuseView:
        """Take in the readings and what each wall connector draws, in A, and return what limits the cars.

        The rest is as in ``FuseWatch``.
        """
        others = self._follow_others(wiring.circuits, connectors, now)
        view = self._main.follow(
            readings,
            site,
            connectors,
            drawn,
            now,
            beside_amps=beside_amps,
            on_purpose=on_purpose,
            held_back=held_back,
            grid=grid,
        )
        views = self._follow_feeders(
            wiring, site, connectors, drawn, now, on_purpose=on_purpose, held_back=held_back
        )
        if (others or views) and view.state is FuseState.UNUSED:
            view = replace(view, state=FuseState.CLEAR)
        further = [conductor for one in views.values() for conductor in one.conductors]
        times = [
            view.next_at,
            *(one.next_at for one in self._others.values()),
            *(one.next_at for one in views.values()),
        ]
        return replace(
            view,
            conductors=(*view.conductors, *others, *further),
            feeder_states={name: one.state for name, one in views.items()},
            others_silent=frozenset(name for name, one in self._others.items() if one.are_silent),
            next_at=min((at for at in times if at is not None), default=None),
        )

    def _follow_others(
        self, circuits: Mapping[str, Circuit], connectors: Mapping[TwcId, ConnectorInput], now: float
    ) -> list[Conductor]:
        """Take in the other loads on the circuits, and return each circuit where there are sensors of them."""
        self._others = {name: self._others.get(name) or OtherLoads() for name in circuits}
        found = list[Conductor]()
        for name, others in self._others.items():
            circuit = circuits[name]
            there = on_circuit(connectors, name) if circuit.other_loads else {}
            found += others.follow(
                circuit.other_loads, tuple(there), drawn_by(there), circuit.limit_amps, now
            )
        return found

    def _follow_feeders(
        self,
        wiring: Wiring,
        site: SiteSettings,
        connectors: Mapping[TwcId, ConnectorInput],
        drawn: Mapping[TwcId, float],
        now: float,
        *,
        on_purpose: bool,
        held_back: Container[TwcId],
    ) -> dict[str, FuseView]:
        """Return what limits the cars on each feeder with sensors, by name."""
        watches, views = self._feeders, {}
        self._feeders = {}
        for feeder in wiring.measured:
            watch = self._feeders[feeder.name] = watches.get(feeder.name) or FuseWatch()
            names = wiring.below[feeder.name]
            there = {twcid: one for twcid, one in connectors.items() if one.circuit in names}
            # An owner tolerates overloads of the main fuse, and limits the imbalance of the house.
            limits = replace(
                site, fuse_amps=feeder.limit_amps, tolerate_short_overload=False, imbalance_amps=None
            )
            view = watch.follow(
                SiteReadings(phases=feeder.readings),
                limits,
                there,
                {twcid: drawn[twcid] for twcid in there},
                now,
                beside_amps=wiring.loaded(feeder),
                on_purpose=on_purpose,
                held_back=held_back,
            )
            conductors = tuple(replace(one, feeder=feeder.name) for one in view.conductors)
            views[feeder.name] = replace(view, conductors=conductors)
        return views
