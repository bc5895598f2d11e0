"""What a keeper is told of a bus, how long it keeps it, and when it lowers the offers to the minimum."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import floor
from typing import Any

from ..bus import remembered_json
from ..bus.settings import (
    HARD_CAP_AMPS,
    MINIMUM_AMPS,
    BusSettings,
    ConnectorSettings,
    RememberedConnector,
    StopMethod,
)
from ..bus.snapshot import BusPhase, BusSnapshot, Presence, WallConnectorSnapshot
from ..protocol.codes import TwcId

MAX_KEEP_SECONDS = 15 * 60.0
"""The longest time a bus is kept: offers get out of date while nothing measures the house."""

LOWERED_SECONDS = 60.0
"""A keeper offers the minimum so long before its end, so that cars see their limit fall before a contactor opens."""


class StateRefused(Exception):
    """Raised with a sentence about a state that cannot be true or was written by another version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptConnector:
    """One wall connector, and the most it may be offered."""

    known: RememberedConnector
    order: int | None
    """A per phase; 0 = shall not charge, None = the circuit has no room for it."""
    maximum_amps: int
    stop_method: StopMethod
    phases: int | None = None
    """Phases its car is assumed to load; None: as the bus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBus:
    """A bus at one moment, as it is to be kept."""

    port: str
    """A path or a URL that serialx opens."""
    speaking: bool
    """Whether heartbeats go out; a bus that is listened to, or that belongs to another controller, is not kept."""
    keep_seconds: float
    """How long; 0 = not at all."""
    circuit_limit_amps: int
    phases: int
    nominal_volts: int
    controller_id: TwcId
    connectors: tuple[KeptConnector, ...]

    @property
    def without_energy(self) -> "KeptBus":
        """The same without what each wall connector has delivered, which moves all the time."""
        still = tuple(
            replace(one, known=replace(one.known, energy_kwh=None, kwh_per_count=None))
            for one in self.connectors
        )
        return replace(self, connectors=still)

    @property
    def worth_keeping(self) -> bool:
        """Whether a charge could be lost."""
        return self.speaking and self.keep_seconds > 0 and bool(self.connectors)

    @property
    def lowered_after(self) -> float:
        """After how many seconds the offers go down to the minimum."""
        return max(self.keep_seconds - LOWERED_SECONDS, self.keep_seconds / 2)

    def settings(self) -> BusSettings:
        """Return the settings of its controller. No wall connector can be offered more than its order."""
        return BusSettings(
            circuit_limit_amps=self.circuit_limit_amps,
            phases=self.phases,
            nominal_volts=self.nominal_volts,
            controller_id=self.controller_id,
            connectors={
                one.known.twcid: ConnectorSettings(
                    maximum_amps=one.maximum_amps,
                    limit_amps=max(one.order or 0, MINIMUM_AMPS),
                    stop_method=one.stop_method,
                    phases=one.phases,
                )
                for one in self.connectors
            },
        )

    def orders(self, *, lowered: bool) -> dict[TwcId, int | None]:
        """Return what each wall connector shall have, A per phase; ``lowered`` to the minimum."""
        return {
            one.known.twcid: one.order if one.order is None or not lowered else min(one.order, MINIMUM_AMPS)
            for one in self.connectors
        }


def kept_bus(
    bus: BusSnapshot,
    settings: BusSettings,
    remembered: tuple[RememberedConnector, ...],
    orders: Mapping[TwcId, int | None],
    *,
    port: str,
    keep_seconds: float,
    lowered: bool,
) -> KeptBus:
    """Freeze a running bus. No order is above what is in force now, or above the minimum if it is to be ``lowered``."""
    return KeptBus(
        port=port,
        speaking=bus.phase is BusPhase.RUNNING,
        keep_seconds=min(keep_seconds, MAX_KEEP_SECONDS),
        circuit_limit_amps=settings.circuit_limit_amps,
        phases=settings.phases,
        nominal_volts=settings.nominal_volts,
        controller_id=settings.controller_id,
        connectors=tuple(
            _kept_connector(known, bus, settings, orders.get(known.twcid), lowered=lowered)
            for known in remembered
            if (found := bus.connectors.get(known.twcid)) is not None and _matters(found)
        ),
    )


def _matters(connector: WallConnectorSnapshot) -> bool:
    """Whether it has a controller, or may still draw what it was offered; one that announces itself draws nothing."""
    return connector.counted_amps > 0 or connector.presence in (Presence.LINKED, Presence.STALE)


def _kept_connector(
    known: RememberedConnector, bus: BusSnapshot, settings: BusSettings, order: int | None, *, lowered: bool
) -> KeptConnector:
    facts = bus.connectors[known.twcid]
    in_force = max(facts.offered_amps or 0.0, float(facts.commanded_amps or 0))
    if known.released:
        # It is left without heartbeats, which would let its contactor close again.
        order = None
    elif order:
        order = min(order, MINIMUM_AMPS if lowered else max(floor(in_force), MINIMUM_AMPS))
    choices = settings.connectors.get(known.twcid, ConnectorSettings())
    return KeptConnector(
        known=known,
        order=order,
        maximum_amps=choices.maximum_amps,
        stop_method=choices.stop_method,
        phases=choices.phases,
    )


def to_json(kept: KeptBus) -> dict[str, Any]:
    """Write it as JSON can hold it."""
    return {
        **asdict(replace(kept, connectors=())),
        "controller_id": str(kept.controller_id),
        "connectors": [
            {
                "twcid": str(one.known.twcid),
                "known": remembered_json.to_json(one.known),
                "order": one.order,
                "maximum_amps": one.maximum_amps,
                "stop_method": one.stop_method.value,
                "phases": one.phases,
            }
            for one in kept.connectors
        ],
    }


def from_json(stored: Any) -> KeptBus:
    """Read what ``to_json`` wrote. Raises StateRefused for anything that no version of it would write."""
    try:
        return KeptBus(
            port=str(stored["port"]),
            speaking=stored["speaking"] is True,
            keep_seconds=remembered_json.number(stored["keep_seconds"], 0, MAX_KEEP_SECONDS),
            circuit_limit_amps=remembered_json.whole(stored["circuit_limit_amps"], 1, HARD_CAP_AMPS),
            phases=remembered_json.whole(stored["phases"], 1, 3),
            nominal_volts=remembered_json.whole(stored["nominal_volts"], 50, 500),
            controller_id=TwcId.parse(stored["controller_id"]),
            connectors=tuple(
                KeptConnector(
                    known=_led(remembered_json.from_json(one["twcid"], one["known"])),
                    order=None
                    if one["order"] is None
                    else remembered_json.whole(one["order"], 0, HARD_CAP_AMPS),
                    maximum_amps=remembered_json.whole(one["maximum_amps"], 1, HARD_CAP_AMPS),
                    stop_method=StopMethod(one["stop_method"]),
                    # Earlier versions did not write it.
                    phases=None if one.get("phases") is None else remembered_json.whole(one["phases"], 1, 3),
                )
                for one in stored["connectors"]
            ),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise StateRefused(f"The state of the bus cannot be read: {error}") from error


def _led(known: RememberedConnector) -> RememberedConnector:
    """Take one that was led: its rating is known, unlike that of one that was only overheard. Raises ValueError."""
    if known.rated_amps is None:
        raise ValueError("expected a rating")
    return known
