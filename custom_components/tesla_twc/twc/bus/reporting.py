"""From the live objects of this room to the frozen facts that leave it."""

from ..protocol.codes import ConnectorState
from .admission import asks_for_controller, is_released
from .ceiling import counted_amps, units
from .settings import MINIMUM_AMPS, BusSettings
from .snapshot import Presence, Problem, StopState, WallConnectorSnapshot
from .timing import LOST_SECONDS, STALE_SECONDS
from .wall_connector import WallConnector

_REFUSING_SECONDS = 30.0
"""A limit is taken over with the next heartbeat (protocol.md 3.3); so much later something is wrong."""


def presence_of(connector: WallConnector, now: float) -> Presence:
    """Say how well a wall connector is known to be there."""
    silent = connector.seconds_silent(now)
    if is_released(connector, now) and (silent >= STALE_SECONDS or connector.heard_at is None):
        return Presence.RELEASED
    if asks_for_controller(connector, now):
        return Presence.ANNOUNCED
    if connector.heard_at is None:
        return Presence.REMEMBERED if connector.resumed else Presence.ANNOUNCED
    if silent < STALE_SECONDS:
        return Presence.LINKED
    return Presence.STALE if silent < LOST_SECONDS else Presence.LOST


def problem_of(connector: WallConnector, presence: Presence, now: float) -> Problem | None:
    """Name the worst that is wrong with a wall connector."""
    refusing = connector.refusing_since
    in_error = connector.heartbeat is not None and connector.heartbeat.state is ConnectorState.ERROR
    released = connector.overdraw.released(now)
    findings = {
        Problem.OVERDRAWING: connector.overdraw.complains(now),
        Problem.DUPLICATE_ID: connector.identity.twins.is_proven(now),
        Problem.ERROR_STATE: in_error and (presence is Presence.LINKED or released),
        Problem.NOT_ACCEPTING: _is_there(presence)
        and refusing is not None
        and now - refusing > _REFUSING_SECONDS,
        Problem.STOP_FAILED: connector.stopping.failed,
        Problem.LOST: presence is Presence.LOST,
    }
    return next((problem for problem, found in findings.items() if found), None)


def _is_there(presence: Presence) -> bool:
    return presence in (Presence.LINKED, Presence.STALE)


def report(connector: WallConnector, bus: BusSettings, now: float) -> WallConnectorSnapshot:
    """Freeze what is known of a wall connector."""
    presence = presence_of(connector, now)
    # What it last said is nothing to go by once its own watchdog has switched it off.
    heartbeat = connector.heartbeat if connector.reserved(now) else None
    meter = connector.meter
    return WallConnectorSnapshot(
        twcid=connector.twcid,
        presence=presence,
        version=connector.version,
        rated_amps=connector.identity.rated_amps,
        maximum_amps=connector.cap_amps(bus),
        minimum_amps=MINIMUM_AMPS,
        state=heartbeat.state if heartbeat else None,
        offered_amps=heartbeat.offered_amps if heartbeat else None,
        commanded_amps=connector.commanded_amps,
        drawn_amps=heartbeat.drawn_amps if heartbeat else None,
        counted_amps=counted_amps(connector, bus, now),
        plug_state=connector.plug_state,
        plugged_in=connector.plugged_in,
        plugged_in_since=connector.plugged_in_since,
        charging=connector.charging if heartbeat else None,
        volts=meter.volts if meter else None,
        phase_amps=meter.phase_amps if meter else None,
        power_watts=connector.watts(bus) if heartbeat else None,
        energy_kwh=connector.energy.kwh,
        odd_counter_share=connector.energy.watch.odd_share,
        counted_phases=connector.counted.phases,
        serial_number=connector.serial_number,
        firmware=connector.firmware,
        model=connector.model,
        vin=connector.questions.vin.vin,
        stop=StopState.WAITING if connector.order is None else connector.stop.state,
        contactor_open=connector.stopping.is_surely_open and not connector.charging,
        units=units(connector, now),
        problem=problem_of(connector, presence, now),
        last_heard=connector.heard_at,
        answered_share=connector.tally.share(now),
    )
