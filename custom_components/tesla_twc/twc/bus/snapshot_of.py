"""Makes the frozen facts of snapshot.py from the live objects of this room; presence.py judges them."""

from ..protocol.codes import PlugState
from .connector.wall_connector import WallConnector
from .guard.ceiling import counted_amps, units
from .presence import presence_of, problem_of
from .settings import MINIMUM_AMPS, BusSettings
from .snapshot import CHARGING_AMPS, StopState, WallConnectorSnapshot

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
        cures=connector.cure.count,
        units=units(connector, now),
        problem=problem_of(connector, presence, now),
        last_heard=connector.facts.heard_at,
        answered_share=connector.tally.share(now),
    )


def _plug_state_of(connector: WallConnector) -> PlugState | None:
    """Return what it answered about its plug; not that there is no car, once its heartbeats have shown one."""
    state = connector.plug.state
    return None if connector.plug.plugged_in and state is PlugState.UNPLUGGED else state


def _stop_of(connector: WallConnector) -> StopState:
    """Say how far a stop has come. A car is held at the minimum only while it draws about so much."""
    if connector.offer.order is None:
        return StopState.WAITING
    state, drawn = connector.stop.state, connector.facts.drawn_amps
    if state is not StopState.HOLDING or CHARGING_AMPS <= drawn <= HELD_AMPS:
        return state
    return StopState.STOPPED if drawn < CHARGING_AMPS else StopState.STOPPING
