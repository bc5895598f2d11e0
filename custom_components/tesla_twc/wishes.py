"""What the owner wishes, put into the words of the bus and of the sharing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .const import (
    CONF_ACCEPTS_MINIMUM,
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_CURE_ABOVE_LIMIT,
    CONF_CURE_SIX_AMP_BUG,
    CONF_HOUSE_PHASES,
    CONF_KEEP_MINUTES,
    CONF_MAXIMUM_CURRENT,
    CONF_ON_SHUTDOWN,
    CONF_PHASE_SENSORS,
    CONF_PHASES,
    CONF_SITE,
    CONF_STOP_METHOD,
    CONF_VOLTAGE,
    DEFAULT_KEEP_MINUTES,
    ShutdownChoice,
)
from .twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS, BusSettings, ConnectorSettings, StopMethod
from .twc.bus.snapshot import WallConnectorSnapshot
from .twc.charging.decision import ConnectorInput, Inputs
from .twc.charging.settings import ChargeMode
from .twc.protocol.codes import ProtocolVersion, TwcId

DEFAULT_PRIORITY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorWish:
    """What the owner set on the entities of one wall connector."""

    current_limit: int = MINIMUM_AMPS
    """A per phase. A wall connector nobody has set yet gets the least there is (protocol.md 6.1)."""
    charging_enabled: bool = True
    limit_stops: bool = False
    """Whether the current limit was set to 0, and the owner said that this stops charging."""
    charge_mode: ChargeMode | None = None
    """None follows the bus."""
    minimum_current: int = MINIMUM_AMPS
    """A per phase: the least it charges with. Some cars are wasteful below 8 A (ngardiner#298)."""
    priority: int = DEFAULT_PRIORITY
    """1 to 10; the higher one is served first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWish:
    """What the owner set on the entities of the bus about charging from the sun."""

    charge_mode: ChargeMode = ChargeMode.FAST
    """The mode of wall connectors that follow the bus."""
    reserve: int = 0
    """W kept for the grid; negative lets the cars take so much from it."""
    battery_first_soc: int = 0
    """% below which the house battery goes first."""
    battery_helps_soc: int = 100
    """% above which the house battery may help."""
    start_grid_share: int = 0
    """% of the minimum power that may come from the grid."""
    battery_discharge: bool = True
    """Whether the house battery may discharge into a car."""
    shadow: bool = False
    """Whether everything is decided and published, and nothing changed."""


def bus_settings(
    options: Mapping[str, Any], wishes: Mapping[TwcId, ConnectorWish], lowered_limit: int | None
) -> BusSettings:
    """Return what the options and the entities say; ``lowered_limit`` is a circuit limit in A per phase."""
    configured = int(options[CONF_CIRCUIT_LIMIT])
    choices = {TwcId.parse(twcid): chosen for twcid, chosen in options.get(CONF_CONNECTORS, {}).items()}
    return BusSettings(
        circuit_limit_amps=configured if lowered_limit is None else min(configured, lowered_limit),
        phases=int(options[CONF_PHASES]),
        nominal_volts=int(options[CONF_VOLTAGE]),
        cure_six_amp_bug=bool(options.get(CONF_CURE_SIX_AMP_BUG, False)),
        cure_above_limit=bool(options.get(CONF_CURE_ABOVE_LIMIT, False)),
        connectors={
            twcid: _connector_settings(choices.get(twcid, {}), wishes.get(twcid, ConnectorWish()))
            for twcid in choices.keys() | wishes.keys()
        },
    )


def _connector_settings(choices: Mapping[str, Any], wish: ConnectorWish) -> ConnectorSettings:
    return ConnectorSettings(
        maximum_amps=int(choices.get(CONF_MAXIMUM_CURRENT, HARD_CAP_AMPS)),
        limit_amps=wish.current_limit,
        stop_method=StopMethod(choices.get(CONF_STOP_METHOD, StopMethod.HOLD_AT_MINIMUM)),
        phases=_phases(choices),
    )


def _phases(choices: Mapping[str, Any]) -> int | None:
    """Return the phases of one wall connector; None: as the bus."""
    return int(choices[CONF_PHASES]) if CONF_PHASES in choices else None


def _house_phases(choices: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return on which phase of the house its L1, L2 and L3 hang; None: that is learnt."""
    stated: str | None = choices.get(CONF_HOUSE_PHASES)
    return None if stated is None else tuple(map(int, stated))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What happens on the bus while Home Assistant is away."""

    seconds: float
    """For how long heartbeats go on; 0 = not at all."""
    lowered: bool
    """Whether at the minimum only."""


def keeping_of(options: Mapping[str, Any]) -> Keeping:
    """Return what the owner chose. A main fuse is not watched meanwhile, so then it is the minimum at most."""
    choice = ShutdownChoice(options.get(CONF_ON_SHUTDOWN, ShutdownChoice.KEEP))
    minutes = int(options.get(CONF_KEEP_MINUTES, DEFAULT_KEEP_MINUTES))
    guards_fuse = bool(options.get(CONF_SITE, {}).get(CONF_PHASE_SENSORS))
    return Keeping(
        seconds=0.0 if choice is ShutdownChoice.TIME_OUT else max(0.0, minutes * 60.0),
        lowered=choice is ShutdownChoice.MINIMUM or guards_fuse,
    )


def highest_limit(connector: WallConnectorSnapshot, configured_limit: int, settings: BusSettings) -> int:
    """Return the most the owner may set for a wall connector, A per phase.

    Not the snapshot's ``maximum_amps``: that one follows a circuit limit lowered for an hour, and would push
    every limit down with it.
    """
    own = settings.connectors.get(connector.twcid, ConnectorSettings()).maximum_amps
    return max(connector.minimum_amps, min(int(connector.rated_amps), own, configured_limit))


def sun_followers(inputs: Inputs | None) -> tuple[TwcId, ...]:
    """Return the wall connectors that follow the sun by their owner's will, whatever an action fixed for a while."""
    connectors = {} if inputs is None else inputs.connectors
    return tuple(twcid for twcid, one in connectors.items() if replace(one, fixed_amps=None).follows_sun)


def connector_input(
    connector: WallConnectorSnapshot,
    wish: ConnectorWish,
    choices: Mapping[str, Any],
    *,
    mode: ChargeMode,
    limit_amps: int,
    car_minimum_amps: int | None,
    fixed_amps: int | None,
    car_can_stop: bool = False,
    spike_above_limit: bool = False,
) -> ConnectorInput:
    """Return what a decision has to know of one wall connector.

    ``choices`` are the owner's options for it, ``mode`` is what it follows in the end, and ``car_minimum_amps`` what
    its car can be told to draw at least where it obeys an entity of its own. ``car_can_stop``: it has a switch that
    can be reached. ``spike_above_limit``: the cure of the 6 A bug may exceed the current limit for some seconds.
    """
    method = StopMethod(choices.get(CONF_STOP_METHOD, StopMethod.HOLD_AT_MINIMUM))
    is_p1 = connector.version is ProtocolVersion.P1
    lowest = (
        connector.minimum_amps if car_minimum_amps is None else min(connector.minimum_amps, car_minimum_amps)
    )
    wished = wish.minimum_current if wish.minimum_current > connector.minimum_amps else lowest
    accepts_minimum = bool(choices.get(CONF_ACCEPTS_MINIMUM, False))
    holds = connector.version is ProtocolVersion.P2 and method is StopMethod.HOLD_AT_MINIMUM
    return ConnectorInput(
        facts=connector,
        mode=mode,
        enabled=wish.charging_enabled and not wish.limit_stops,
        limit_amps=limit_amps,
        spike_amps=connector.maximum_amps if spike_above_limit else None,
        minimum_amps=min(wished, max(lowest, limit_amps)),
        priority=wish.priority,
        can_stop=is_p1 or car_can_stop or method is StopMethod.CONTACTOR,
        stops_silently=not is_p1 and method is StopMethod.CONTACTOR,
        accepts_minimum=accepts_minimum,
        # A switch of the car that cannot be reached for a moment was chosen all the same.
        awaits_consent=mode is ChargeMode.SOLAR and holds and not accepts_minimum,
        phases=_phases(choices),
        house_phases=_house_phases(choices),
        fixed_amps=fixed_amps,
    )
