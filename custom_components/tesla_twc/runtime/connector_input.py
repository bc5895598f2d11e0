"""Puts together the input of a decision for one wall connector: its facts, its owner's settings, and its car."""

from collections.abc import Mapping
from typing import Any

from ..const import CONF_ACCEPTS_MINIMUM, CONF_HOUSE_PHASES
from ..twc.bus.settings import StopMethod
from ..twc.bus.snapshot import WallConnectorSnapshot
from ..twc.cars.car import OwnedCar
from ..twc.charging.inputs import ConnectorInput, Hurry, Inputs
from ..twc.charging.settings import Access, ChargeMode
from ..twc.protocol.codes import ProtocolVersion, TwcId
from ..twc.sessions.learnt import NOTHING_LEARNT, Learnt
from .car_control import stop_method
from .owner_settings import OwnerConnectorSettings, phases_of

NO_CAR = OwnedCar(car_id="", name="")
"""Nothing is said of it."""


def sun_followers(inputs: Inputs | None) -> tuple[TwcId, ...]:
    """Return the wall connectors that follow the sun by their owner's will, whatever an action fixed for a while."""
    connectors = {} if inputs is None else inputs.connectors
    return tuple(twcid for twcid, one in connectors.items() if one.by_mode().follows_sun)


def connector_input(
    connector: WallConnectorSnapshot,
    own: OwnerConnectorSettings,
    choices: Mapping[str, Any],
    *,
    mode: ChargeMode,
    hurries: Hurry | None = None,
    limit_amps: int,
    car_minimum_amps: int | None,
    fixed_amps: int | None,
    car_can_stop: bool = False,
    spike_above_limit: bool = False,
    car: OwnedCar | None = None,
    access: Access = Access.FREE,
    learnt: Learnt = NOTHING_LEARNT,
) -> ConnectorInput:
    """Return what a decision has to know of one wall connector.

    ``own`` is what the owner set on its entities, ``limit_amps`` its current limit within what the wiring allows, and
    ``choices`` are the owner's options for it. ``mode`` is its charge mode in the end, and ``hurries`` why it charges
    as in fast mode all the same. ``car_minimum_amps`` is what its car can be told to draw at least where it obeys an
    entity of its own. ``car_can_stop``: it has a switch that can be
    reached. ``spike_above_limit``: the cure of the 6 A bug may exceed the current limit for some seconds. ``car``: what
    is said of the car that is there, ``access``: what it may have, and ``learnt``: what its charges have shown of it,
    unless its owner says otherwise.
    """
    then_mode = None if hurries is None else mode
    mode = mode if hurries is None else ChargeMode.FAST
    method = stop_method(choices, car)
    car = car or NO_CAR
    is_p1 = connector.version is ProtocolVersion.P1
    lowest = (
        connector.minimum_amps if car_minimum_amps is None else min(connector.minimum_amps, car_minimum_amps)
    )
    owner_limit_amps = limit_amps
    chosen = own.minimum_current if own.minimum_current > connector.minimum_amps else lowest
    if access is not Access.FREE:
        limit_amps = chosen = connector.minimum_amps
    if car.maximum_amps is not None:
        limit_amps = max(connector.minimum_amps, min(limit_amps, car.maximum_amps))
    can_stop = is_p1 or car_can_stop or method is StopMethod.CONTACTOR
    stops_silently = not is_p1 and method is StopMethod.CONTACTOR
    # Elsewhere less ends its charge by itself, and that is better than to hold more or to open the contactor.
    learns = mode is ChargeMode.SOLAR_MIN or (can_stop and not stops_silently)
    known = learnt.minimum_amps if learns else None
    needs = None if access is not Access.FREE else known if car.minimum_amps is None else car.minimum_amps
    if needs is not None:
        chosen = max(chosen, needs)
    accepts_minimum = bool(choices.get(CONF_ACCEPTS_MINIMUM, False))
    holds = connector.version is ProtocolVersion.P2 and method is StopMethod.HOLD_AT_MINIMUM
    return ConnectorInput(
        facts=connector,
        mode=mode,
        hurries=hurries,
        then_mode=then_mode,
        enabled=own.charging_enabled and not own.limit_stops,
        limit_amps=limit_amps,
        owner_limit_amps=owner_limit_amps,
        spike_amps=connector.maximum_amps if spike_above_limit else None,
        minimum_amps=min(chosen, max(lowest, limit_amps)),
        priority=own.priority if car.priority is None else car.priority,
        can_stop=can_stop,
        stops_silently=stops_silently,
        accepts_minimum=accepts_minimum,
        # A switch of the car that cannot be reached for a moment was chosen all the same.
        awaits_consent=mode is ChargeMode.SOLAR and holds and not accepts_minimum,
        phases=_phases(choices, car),
        house_phases=_house_phases(choices),
        fixed_amps=fixed_amps,
        car_minimum_amps=needs,
        car_minimum_is_learnt=car.minimum_amps is None and needs is not None,
        car_largest_amps=learnt.largest_amps,
        access=access,
    )


def _phases(choices: Mapping[str, Any], car: OwnedCar) -> int | None:
    """Return how many phases the car loads: no more than its wall connector has."""
    own = phases_of(choices)
    return own if car.phases is None else min(car.phases, own or car.phases)


def _house_phases(choices: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return on which phase of the house its L1, L2 and L3 hang; None: that is learnt."""
    stated: str | None = choices.get(CONF_HOUSE_PHASES)
    return None if stated is None else tuple(map(int, stated))
