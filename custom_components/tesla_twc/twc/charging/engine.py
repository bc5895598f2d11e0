"""The decision: what every wall connector of a bus shall have now, and why.

From the facts of the bus, the readings of the house and the wishes of the owner, in the order in which they win: the
circuit and the main fuse, the owner, the sun. It keeps only what must be remembered between two decisions; it reads no
clock and does nothing. Whoever calls it does so when a fact changed, or at ``Decision.next_at``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..protocol.codes import TwcId
from .coach import CoachMemory, MeterFindings
from .decision import SOLAR_MODES, ConnectorDecision, ConnectorInput, Decision, Inputs, InputState, Reason
from .explaining import explain, sun_terms
from .fuse import FuseState, FuseView
from .fuse_duty import FuseStop
from .fuse_watch import FuseMemory, FuseWatch
from .ledger import Ledger, Wear
from .meter_check import CheckState, MeterCheck
from .outcome import Outcome
from .own_current import OwnCurrent
from .phases import PhaseMemory
from .pilot import Pilot, Plan, Share
from .settings import ChargeMode, Measurement, SiteSettings
from .site_watch import SiteView, SiteWatch
from .surplus_shares import Seeker, share_surplus
from .wiring import Held, Wiring

ROTATION_SECONDS = 1800.0
"""How long a turn lasts while the circuit is too small for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMemory:
    """What survives a restart."""

    wear: Mapping[TwcId, Wear] = field(default_factory=dict)
    phases: Mapping[TwcId, int] = field(default_factory=dict)
    """How many phases the last car at each wall connector loaded."""
    intervals: Mapping[str, float] = field(default_factory=dict)
    """How often each reading of the house is reported, in s."""
    coach: CoachMemory | None = None
    fuse: FuseMemory = FuseMemory()
    """What the sensors of the main fuse told."""
    stops: Mapping[TwcId, FuseStop] = field(default_factory=dict)
    """Whom the main fuse had stopped."""


class Engine:
    """Decides for one bus."""

    def __init__(
        self, memory: EngineMemory | None = None, *, rotation_seconds: float = ROTATION_SECONDS
    ) -> None:
        """Take what was learnt before a restart, and how long a turn lasts in s."""
        memory = memory or EngineMemory()
        self._rotation_seconds = rotation_seconds
        self._wiring = Wiring(rotation_seconds, memory.stops)
        self._imagined: Wiring | None = None
        """What the wiring would leave of what is decided in the shadow."""
        self.ledger = Ledger(memory.wear)
        self.house = SiteWatch(memory.intervals, memory.coach)
        self.check = MeterCheck()
        self._inputs: Inputs | None = None
        self._phases = PhaseMemory(dict(memory.phases))
        self._fuse = FuseWatch(memory.fuse)
        self._held_back: frozenset[TwcId] = frozenset()
        """Whom the fuse held back last."""
        self._own: dict[TwcId, OwnCurrent] = {}
        self._pilots: dict[TwcId, Pilot] = {}
        self._outcomes: dict[TwcId, Outcome] = {}
        self._charging: dict[TwcId, bool] = {}
        """What was done last."""

    def change_rotation(self, seconds: float) -> None:
        """Let turns last for so many s from now on."""
        self._rotation_seconds = seconds
        for wiring in (self._wiring, self._imagined):
            if wiring is not None:
                wiring.sharing.rotation_seconds = seconds

    def remembered(self) -> EngineMemory:
        """Return what must survive a restart."""
        return EngineMemory(
            wear=dict(self.ledger.wear),
            phases=dict(self._phases.measured),
            # Whole seconds: what trembles would be written to disk again and again.
            intervals={
                name: float(round(seconds)) for name, seconds in self.house.inputs.intervals().items()
            },
            coach=self.house.coach_memory(),
            fuse=self._fuse.remembered(),
            stops=self._wiring.stops(),
        )

    @property
    def meter(self) -> MeterFindings:
        """What the meter's answers to the cars' steps tell."""
        return self.house.findings

    def forget_meter(self) -> None:
        """Learn the meters anew: other sensors, or another sign."""
        self.house.forget_meter()
        self._fuse.forget_meter()

    def check_meter(self) -> bool:
        """Begin the deliberate test of the meter; return False if no car charges that could be moved by 3 A."""
        if self._inputs is None:
            return False
        site = self._inputs.site
        begun = self.check.begin(self._inputs.connectors, self.house.interval_seconds(site), self.meter)
        if begun:
            self.house.begin_test(site)
        return begun

    def decide(self, inputs: Inputs, now: float) -> Decision:
        """Return what every wall connector shall have. ``now`` is s of the clock of the readings and the bus."""
        self._inputs, site = inputs, inputs.site
        connectors = {twcid: self._within_budget(one, site) for twcid, one in inputs.connectors.items()}
        watts_per_ampere = self._look_at_connectors(connectors, site, now)
        own_watts = self._own_watts(connectors, watts_per_ampere)
        on_purpose = self.check.state is CheckState.RUNNING or not self._pilots
        total_amps = sum(self._own[twcid].amps * one.facts.units for twcid, one in connectors.items())
        view = self.house.look(
            inputs.readings, site, own_watts, now, own_amps=total_amps, on_purpose=on_purpose
        )
        shares = self._shares(connectors, watts_per_ampere, view, now)
        plans = {
            twcid: self.check.plan(
                one,
                self._plan(one, shares.get(twcid), view, site, now),
                self._own[twcid].amps,
                _highest(one),
                now,
            )
            for twcid, one in connectors.items()
        }
        if self.check.look(self.house.test_findings, self.house.interval_seconds(site)):
            self.house.end_test()
        fuse = self._fuse.look(
            inputs.readings,
            site,
            connectors,
            # Not an ampere of the house may be taken for one of a car, so the smaller figure counts.
            {
                twcid: min(self._own[twcid].amps, one.facts.drawn_amps or 0.0) * one.facts.units
                for twcid, one in connectors.items()
            },
            inputs.bus.circuit_limit_amps,
            now,
            on_purpose=on_purpose and not self._held_back,
            held_back=self._held_back,
        )
        held, done = self._hold(inputs, connectors, plans, view, fuse, now)
        times = [plan.next_at for plan in plans.values()]
        times += [own.settled_at for own in self._own.values()]
        times += [view.trusted.next_at, fuse.next_at, *held.times, *done.times]
        first = next((share for share in shares.values()), None)
        decided = self._explained(inputs, held, shares, view, fuse, now)
        told = decided if done is held else self._explained(inputs, done, {}, view, fuse, now)
        shown = self._as_it_came(inputs, decided, done.orders, now)
        times += [outcome.next_at(now) for outcome in self._outcomes.values()]
        return Decision(
            connectors=shown,
            orders=done.orders,
            told=told,
            surplus_watts=None if view.balance is None else view.balance.watts,
            available_amps=_available_amps(view, first, site),
            input_state=view.trusted.state,
            stale_inputs=view.trusted.stale,
            fuse_amps=fuse.amps,
            fuse_state=self._fuse_state(fuse, told),
            silent_phases=fuse.silent,
            silent_other_loads=fuse.others_silent,
            fuse_heat=fuse.heat,
            fuse_findings=fuse.findings,
            house_phases=fuse.house_phases,
            spikes=done.spikes,
            next_at=min((at for at in times if at is not None and at > now), default=None),
        )

    def _fuse_state(self, fuse: FuseView, told: Mapping[TwcId, ConnectorDecision]) -> FuseState:
        """Return what the guard of the main fuse is doing, and remember whom it holds back."""
        self._held_back = frozenset(twcid for twcid, one in told.items() if one.reason is Reason.HELD_BY_FUSE)
        return FuseState.LIMITING if self._held_back and fuse.state is FuseState.CLEAR else fuse.state

    def _as_it_came(
        self,
        inputs: Inputs,
        decided: Mapping[TwcId, ConnectorDecision],
        orders: Mapping[TwcId, int | None],
        now: float,
    ) -> dict[TwcId, ConnectorDecision]:
        """Return what was decided with what came of it. What is only imagined in the shadow comes to nothing."""
        shown = {}
        for twcid, one in inputs.connectors.items():
            outcome = self._outcomes.setdefault(twcid, Outcome())
            outcome.look(one.facts, orders[twcid], self.ledger.of(twcid), now)
            imagined = inputs.shadow and one.follows_sun
            shown[twcid] = (
                decided[twcid]
                if imagined
                else outcome.tell(
                    decided[twcid],
                    one.facts,
                    inputs.bus,
                    orders[twcid],
                    now,
                    car_is_told=one.can_stop and not one.stops_silently,
                )
            )
        self._outcomes = {twcid: self._outcomes[twcid] for twcid in inputs.connectors}
        return shown

    # The facts

    def _within_budget(self, one: ConnectorInput, site: SiteSettings) -> ConnectorInput:
        """A car that was stopped silently too often is not stopped again: it would refuse (protocol.md 3.8)."""
        spent = one.stops_silently and self.ledger.of(one.facts.twcid).silent_stops >= site.stops_per_plug_in
        return replace(one, can_stop=False) if spent and one.mode in SOLAR_MODES else one

    def _look_at_connectors(
        self, connectors: Mapping[TwcId, ConnectorInput], site: SiteSettings, now: float
    ) -> dict[TwcId, float]:
        """Learn from what they report; return the W per A of each."""
        for twcid, one in connectors.items():
            self.ledger.look(one.facts, now)
            self._phases.look(one.facts)
            self._own.setdefault(twcid, OwnCurrent()).look(one.facts, now)
        self._pilots = {
            twcid: pilot
            for twcid, pilot in self._pilots.items()
            if twcid in connectors and _is_driven(connectors[twcid])
        }
        for twcid, one in connectors.items():
            if _is_driven(one) and twcid not in self._pilots:
                self._pilots[twcid] = Pilot(one, now)
        return {
            twcid: self._phases.watts_per_ampere(one.facts, site, one.phases)
            for twcid, one in connectors.items()
        }

    def _own_watts(
        self, connectors: Mapping[TwcId, ConnectorInput], watts_per_ampere: Mapping[TwcId, float]
    ) -> float:
        return sum(
            self._own[twcid].amps * one.facts.units * watts_per_ampere[twcid]
            for twcid, one in connectors.items()
        )

    # The sun

    def _shares(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        watts_per_ampere: Mapping[TwcId, float],
        view: SiteView,
        now: float,
    ) -> dict[TwcId, Share]:
        """Return what each wall connector in a solar mode may use, the first in line first."""
        balance = view.balance
        if balance is None:
            return {}
        others = {twcid: one for twcid, one in connectors.items() if twcid not in self._pilots}
        taken = self._own_watts(others, watts_per_ampere)
        seekers = [
            Seeker(
                twcid=twcid,
                priority=connectors[twcid].priority,
                watts_per_ampere=watts_per_ampere[twcid],
                minimum_amps=connectors[twcid].minimum_amps,
                useful_amps=pilot.appetite.useful_amps(
                    connectors[twcid].facts, _highest(connectors[twcid]), now
                ),
                running=pilot.running or connectors[twcid].mode is ChargeMode.SOLAR_MIN,
            )
            for twcid, pilot in self._pilots.items()
        ]
        low = share_surplus(balance.low_watts - taken, seekers)
        high = low
        if balance.high_watts != balance.low_watts:
            high = share_surplus(balance.high_watts - taken, seekers)
        return {
            seeker.twcid: Share(
                low_watts=low[seeker.twcid],
                high_watts=max(low[seeker.twcid], high[seeker.twcid]),
                watts_per_ampere=seeker.watts_per_ampere,
                battery_first=balance.battery_first,
                battery_helps=balance.battery_helps,
                spares_battery=balance.spares_battery,
            )
            for seeker in sorted(seekers, key=lambda seeker: -seeker.priority)
        }

    # The owner

    def _plan(
        self, one: ConnectorInput, share: Share | None, view: SiteView, site: SiteSettings, now: float
    ) -> Plan:
        """Return what the owner and the sun want for one wall connector."""
        highest = _highest(one)
        if not one.enabled or one.mode is ChargeMode.OFF:
            return Plan(amps=0, charge=False, reason=Reason.OFF)
        if one.fixed_amps is not None:
            amps = min(highest, max(one.minimum_amps, one.fixed_amps)) if one.fixed_amps else 0
            return Plan(amps=amps, charge=amps > 0, reason=_why_fixed(one, amps))
        if one.mode is ChargeMode.FAST:
            return Plan(amps=highest, charge=True, reason=_why_fast(one))
        return self._solar_plan(one, share, view, site, highest, now)

    def _solar_plan(
        self,
        one: ConnectorInput,
        share: Share | None,
        view: SiteView,
        site: SiteSettings,
        highest: int,
        now: float,
    ) -> Plan:
        at_least = one.minimum_amps if one.mode is ChargeMode.SOLAR_MIN else 0
        if site.measurement is Measurement.NONE:
            return Plan(amps=at_least, charge=at_least > 0, reason=Reason.NOT_MEASURED)
        if not _is_heard(one):
            # After a restart it may be charging: what it has is taken up as soon as it tells, and not ended before.
            return Plan(amps=one.minimum_amps, charge=True, reason=Reason.STALE_INPUT_HELD)
        pilot = self._pilots.get(one.facts.twcid)
        if one.awaits_consent and one.facts.plugged_in is not False:
            return Plan(amps=one.minimum_amps, charge=True, reason=Reason.HOLDING_CANNOT_STOP)
        if pilot is None:
            return Plan(amps=at_least, charge=at_least > 0, reason=Reason.NO_CAR)
        if view.trusted.state in (InputState.FRESH, InputState.NIGHT) and share is not None:
            plan = pilot.decide(one, share, site, highest, now)
        else:
            state = InputState.HELD if view.trusted.state is InputState.FRESH else view.trusted.state
            plan = pilot.without_input(one, state, site, highest, now)
        if plan.reason is Reason.HOLDING_CANNOT_STOP and one.stops_silently:
            return replace(plan, reason=Reason.STOP_BUDGET_SPENT)
        return plan

    # The wiring

    def _hold(
        self,
        inputs: Inputs,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        view: SiteView,
        fuse: FuseView,
        now: float,
    ) -> tuple[Held, Held]:
        """Return what the wiring leaves of what was decided, and of what is done: in the shadow that is not the same.

        There whoever follows the sun has full speed, and everybody else what they always have. The fuse and the circuit
        bound that as they bound everything.
        """
        acting = connectors
        if inputs.shadow:
            acting = {twcid: _without_sun(one) for twcid, one in inputs.connectors.items()}
            doing = {twcid: self._plan(one, None, view, inputs.site, now) for twcid, one in acting.items()}
            done = self._wiring.hold(inputs.bus, acting, doing, fuse, now)
            self._imagined = self._imagined or Wiring(self._rotation_seconds)
            held = self._imagined.hold(inputs.bus, connectors, plans, fuse, now)
        else:
            self._imagined = None
            held = done = self._wiring.hold(inputs.bus, connectors, plans, fuse, now)
        self._note_stops(acting, done)
        for twcid, plan in held.plans.items():
            if plan.reason is Reason.HELD_BY_FUSE and twcid in self._pilots:
                self._pilots[twcid].stopped(now)
        return held, done

    def _note_stops(self, connectors: Mapping[TwcId, ConnectorInput], done: Held) -> None:
        """Count the stops of cars that are not told."""
        for twcid, plan in done.plans.items():
            one = connectors[twcid]
            stops_now = self._charging.get(twcid, False) and not plan.charge
            silently = one.stops_silently or twcid in done.left_alone
            if stops_now and silently and one.facts.charging:
                self.ledger.stopped_silently(twcid)
        self._charging = {twcid: plan.charge for twcid, plan in done.plans.items()}

    def _explained(
        self,
        inputs: Inputs,
        held: Held,
        shares: Mapping[TwcId, Share],
        view: SiteView,
        fuse: FuseView,
        now: float,
    ) -> dict[TwcId, ConnectorDecision]:
        site = inputs.site
        return {
            twcid: explain(
                one,
                held.plans[twcid],
                order=held.orders[twcid],
                sun=sun_terms(one, self._pilots.get(twcid), shares.get(twcid), view.trusted, site, now),
                balance=view.balance,
                phases=self._phases.phases(one.facts, site, one.phases),
                fuse=fuse,
                fuse_amps=held.fuse_amps.get(twcid),
                circuit_amps=inputs.bus.circuit_limit_amps,
                wear=self.ledger.of(twcid),
                now=now,
            )
            for twcid, one in inputs.connectors.items()
        }


def _is_driven(one: ConnectorInput) -> bool:
    """Whether the sun decides over it: a solar mode, and a car that may be there."""
    there = one.facts.plugged_in is not False and _is_heard(one)
    return one.follows_sun and not one.awaits_consent and there


def _without_sun(one: ConnectorInput) -> ConnectorInput:
    """Return it as if the sun were nobody's business. Its car is told no amps then, so it takes what is offered."""
    if not one.follows_sun:
        return one
    return replace(one, mode=ChargeMode.FAST, minimum_amps=max(one.minimum_amps, one.facts.minimum_amps))


def _is_heard(one: ConnectorInput) -> bool:
    """Whether it has told anything since the start."""
    return one.facts.charging is not None


def _highest(one: ConnectorInput) -> int:
    """The most that the owner and the wall connector allow, A per phase."""
    return max(one.minimum_amps, min(one.limit_amps, one.facts.maximum_amps))


def _why_fast(one: ConnectorInput) -> Reason:
    """Return what bounds a car that shall have as much as it can get."""
    if one.facts.plugged_in is False:
        return Reason.NO_CAR
    return Reason.AT_LIMIT if one.limit_amps < one.facts.maximum_amps else Reason.FULL_SPEED


def _why_fixed(one: ConnectorInput, amps: int) -> Reason:
    """Return what an action's amps have become: what they are, or what is left of them."""
    if one.facts.plugged_in is False:
        return Reason.NO_CAR
    if amps >= (one.fixed_amps or 0):
        return Reason.SET_BY_ACTION
    bound, rated_amps = _why_fast(one), one.facts.rated_amps
    if bound is Reason.FULL_SPEED and rated_amps is not None and one.facts.maximum_amps < rated_amps:
        # The wall connector could have more; its wires could not.
        return Reason.HELD_BY_CIRCUIT
    return bound


def _available_amps(view: SiteView, first: Share | None, site: SiteSettings) -> float | None:
    """What the surplus means to the car that is first in line, or to any car while there is none."""
    if view.balance is None:
        return None
    per_ampere = first.watts_per_ampere if first else site.phases * site.nominal_volts
    return max(0.0, view.balance.watts / per_ampere)
