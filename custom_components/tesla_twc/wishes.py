"""What the owner wishes, put into the words of the bus and of the sharing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .const import (
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_CURE_SIX_AMP_BUG,
    CONF_MAXIMUM_CURRENT,
    CONF_PHASES,
    CONF_STOP_METHOD,
    CONF_VOLTAGE,
)
from .twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS, BusSettings, ConnectorSettings, StopMethod
from .twc.bus.snapshot import Presence, WallConnectorSnapshot
from .twc.charging.claim import Claim
from .twc.charging.turns import UNUSED_SECONDS
from .twc.protocol.codes import ProtocolVersion, TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorWish:
    """What the owner set on the entities of one wall connector."""

    current_limit: int = MINIMUM_AMPS
    """A per phase. A wall connector nobody has set yet gets the least there is (protocol.md 6.1)."""
    charging_enabled: bool = True


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
    )


def highest_limit(connector: WallConnectorSnapshot, configured_limit: int, settings: BusSettings) -> int:
    """Return the most the owner may set for a wall connector, A per phase.

    Not the snapshot's ``maximum_amps``: that one follows a circuit limit lowered for an hour, and would push
    every limit down with it.
    """
    own = settings.connectors.get(connector.twcid, ConnectorSettings()).maximum_amps
    return max(connector.minimum_amps, min(int(connector.rated_amps), own, configured_limit))


def claim_of(
    connector: WallConnectorSnapshot, settings: BusSettings, *, enabled: bool, limit_amps: int, now: float
) -> Claim:
    """Return what a wall connector asks of the circuit; ``limit_amps`` is the owner's, A per phase."""
    is_p1 = connector.version is ProtocolVersion.P1
    return Claim(
        twcid=connector.twcid,
        limit_amps=limit_amps,
        minimum_amps=connector.minimum_amps,
        maximum_amps=connector.maximum_amps,
        enabled=enabled,
        # A contactor counts as open when it was seen to be; until then the car may draw the minimum.
        stops_at_zero=is_p1 or connector.contactor_open,
        charging=bool(connector.charging),
        units=connector.units,
        plugged_in=bool(connector.plugged_in) or _may_have_a_car(connector),
        wants_current=bool(connector.charging) or _plugged_in_lately(connector, now),
        # A P1 connector can be told 0 A; a P2 connector gives nothing until it has an offer (protocol.md 3.4).
        keeps_offer=not is_p1 and not _was_never_offered_anything(connector),
    )


def _may_have_a_car(connector: WallConnectorSnapshot) -> bool:
    """Whether nobody knows, because it was not heard since a restart: it gets its turn, and then it is known."""
    return connector.plugged_in is None and connector.presence in (Presence.RELEASED, Presence.ANNOUNCED)


def _plugged_in_lately(connector: WallConnectorSnapshot, now: float) -> bool:
    since = connector.plugged_in_since
    return since is not None and now - since < UNUSED_SECONDS


def _was_never_offered_anything(connector: WallConnectorSnapshot) -> bool:
    heard_offer = 0 if connector.presence is Presence.ANNOUNCED else connector.offered_amps
    return heard_offer == 0 and not connector.commanded_amps and not connector.charging
