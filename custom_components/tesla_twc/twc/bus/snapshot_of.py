"""Makes the frozen facts of snapshot.py from the live objects of this room; presence.py judges them."""

from ..protocol.codes import ConnectorState, PlugState
from .connector.overheard import OverheardConnector
from .connector.wall_connector import WallConnector
from .guard.ceiling import counted_amps, counts_unheard_until, units
from .presence import presence_of, presence_of_overheard, problem_of, problem_of_overheard
from .settings import HARD_CAP_AMPS, MINIMUM_AMPS, BusSettings
from .snapshot import CHARGING_AMPS, StopState, WallConnectorSnapshot
from .timing import LOST_SECONDS

_BEGINS_TO_CHARGE = frozenset({ConnectorState.STARTING, ConnectorState.CHARGING})
"""What a wall connector reports of a car that gets current, or is about to: its contactor is closed."""
HELD_AMPS = 8.0
"""A car at the minimum is reported with no more: wall connectors report up to 15 % too much (protocol.md 3.9)."""


def report(connector: WallConnector, bus: BusSettings, now: float) -> WallConnectorSnapshot:
    """Freeze what is known of a wall connector."""
    presence = presence_of(connector, now)
    # What it last said is nothing to go by once its own watchdog has switched it off.
    heartbeat = connector.facts.heartbeat if connector.facts.reserved(now) else None
    meter = connector.facts.meter
    return WallConnectorSnapshot(
        twcid=connector.twcid,
        presence=presence,
        version=connector.version,
        rated_amps=connector.identity.rated_amps,
        maximum_amps=connector.cap_amps(bus),
        minimum_amps=MINIMUM_AMPS,
        state=heartbeat.state if heartbeat else None,
        offered_amps=heartbeat.offered_amps if heartbeat else None,
        commanded_amps=connector.offer.commanded_amps,
        drawn_amps=heartbeat.drawn_amps if heartbeat else None,
        counted_amps=counted_amps(connector, bus, now),
        plug_state=_plug_state_of(connector),
        plugged_in=connector.plug.plugged_in,
        tells_plug_state=connector.tells_plug_state,
        plugged_in_since=connector.plug.plugged_in_since,
        charging=connector.facts.charging if heartbeat else None,
        volts=meter.volts if meter else None,
        phase_amps=meter.phase_amps if meter else None,
        power_watts=connector.watts(bus) if heartbeat else None,
        energy_kwh=connector.energy.kwh,
        odd_counter_share=connector.energy.watch.odd_share,
        counted_phases=connector.counted.phases,
        serial_number=connector.facts.serial_number,
        firmware=connector.facts.firmware,
        model=connector.facts.model,
        vin=connector.questions.vin.vin,
        stop=_stop_of(connector),
        contactor_open=connector.stopping.is_surely_open and not connector.facts.charging,
        contactor_rests=(rests := _rests(connector)),
        rest_ends_at=connector.stopping.rest_ends_at if rests else None,
        cures=connector.cure.count,
        units=units(connector, now),
        disobeys=connector.disobedience.disobeys,
        problem=problem_of(connector, presence, now),
        last_heard=connector.facts.heard_at,
        counts_unheard_until=counts_unheard_until(connector, now),
        answered_share=connector.tally.share(now),
    )


def report_overheard(connector: OverheardConnector, bus: BusSettings, now: float) -> WallConnectorSnapshot:
    """Freeze what is known of a wall connector that others lead, or that leads."""
    facts, presence = connector.facts, presence_of_overheard(connector, now)
    is_fresh = facts.reserved(now)
    heartbeat = facts.heartbeat if is_fresh and not connector.leads else None
    rating = HARD_CAP_AMPS if connector.rated_amps is None else int(connector.rated_amps)
    # Without a controller its contactor has opened by then (protocol.md 1.13).
    drawn = connector.drawn_amps if is_fresh and facts.seconds_silent(now) < LOST_SECONDS else None
    return WallConnectorSnapshot(
        twcid=connector.twcid,
        presence=presence,
        version=connector.version,
        rated_amps=connector.rated_amps,
        maximum_amps=rating,
        minimum_amps=MINIMUM_AMPS,
        state=heartbeat.state if heartbeat else None,
        offered_amps=heartbeat.offered_amps if heartbeat else None,
        drawn_amps=drawn,
        plug_state=connector.plug.state,
        plugged_in=connector.plug.plugged_in,
        tells_plug_state=connector.tells_plug_state,
        plugged_in_since=connector.plug.plugged_in_since,
        charging=None if drawn is None else connector.charging,
        volts=facts.meter.volts if facts.meter else None,
        phase_amps=facts.meter.phase_amps if facts.meter else None,
        power_watts=None if drawn is None else connector.watts(bus),
        energy_kwh=connector.energy.kwh,
        odd_counter_share=connector.energy.watch.odd_share,
        counted_phases=connector.counted.phases,
        serial_number=facts.serial_number,
        firmware=facts.firmware,
        model=facts.model,
        vin=connector.vin.vin,
        leads=connector.leads,
        problem=problem_of_overheard(connector, presence),
        last_heard=facts.heard_at,
        answered_share=connector.tally.share(now),
    )


def _plug_state_of(connector: WallConnector) -> PlugState | None:
    """Return what it answered about its plug; not that there is no car, once its heartbeats have shown one."""
    state = connector.plug.state
    return None if connector.plug.plugged_in and state is PlugState.UNPLUGGED else state


def _rests(connector: WallConnector) -> bool:
    """Whether its contactor is open by order; one that may have closed by itself is, as long as nothing begins."""
    facts, stopping = connector.facts, connector.stopping
    begins = facts.heartbeat is not None and facts.heartbeat.state in _BEGINS_TO_CHARGE
    return stopping.is_open and not facts.charging and (stopping.is_surely_open or not begins)


def _stop_of(connector: WallConnector) -> StopState:
    """Say how far a stop has come. A car is held at the minimum only while it draws about so much."""
    if connector.offer.order is None:
        return StopState.WAITING
    state, drawn = connector.stop.state, connector.facts.drawn_amps
    if state is not StopState.HOLDING or CHARGING_AMPS <= drawn <= HELD_AMPS:
        return state
    return StopState.STOPPED if drawn < CHARGING_AMPS else StopState.STOPPING
