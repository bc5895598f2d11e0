"""The engine: decides what every wall connector of a house shall have now, and why.

It uses what the buses report, the readings of the house and the settings of the owner. The circuits and the main fuse
come first, then the owner, then the sun. The engine keeps what must be remembered between two decisions, reads no clock
and sends nothing. It is called when an input changed, and at ``Decision.next_at``.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from ..bus.snapshot import BusPhase, Presence
from ..protocol.codes import TwcId
from .car_minimum import CarMinimum
from .decision import ConnectorDecision, Decision, FuseState, InputState, Plan, Share
from .engine_memory import EngineMemory
from .explain import explain, of_limits
from .full_car import KeptFull
from .grounds import Grounds, sun_there
from .inputs import SOLAR_MODES, ConnectorInput, Inputs
from .kept_amps import with_kept_amps
from .limiter import Limited, Limiter
from .main_fuse.conductor import FuseView
from .main_fuse.guard import HouseGuard
from .main_fuse.watch import FuseWatch
from .meter.check import CheckState, MeterCheck
from .meter.learner import MeterFindings
from .outcome import Outcome
from .outside.sharing import OutsideSharing
from .outside_orders import with_outside
from .owner_plan import as_fast, highest_amps, plan_without_sun
from .reason import STOPPED_BY_LIMIT, Reason
from .settings import ChargeMode, Measurement, SiteSettings
from .silent_stops import SilentStops
from .solar.sharing import Seeker, SurplusSharing
from .solar.solar_control import SolarControl, keeps_minimum
from .surplus.flows import house_flows
from .surplus.own_current import OwnCurrent
from .surplus.site_watch import SiteView, SiteWatch
from .surplus.watts_per_ampere import PhaseMemory
from .wear import WearCounter
from .wiring import Wiring, wiring_of

TRIED_AMPS, TRIED_MINIMUMS = 1.5, 1.2
"""What a car tries to take where the sun is hidden: one A, or from rest its minimum, with the margin of a rise."""
HEARD_WITHIN_SECONDS = 30.0
"""A wall connector that was not heard for so long after a start gets no heartbeats, so nothing flows there
(protocol.md 3.2)."""


class Engine:
    """Decides for all wall connectors of one house, whatever bus they are on."""

    def __init__(self, memory: EngineMemory | None = None) -> None:
        """Take what was learnt before a restart."""
        memory = memory or EngineMemory()
        self._limiter = Limiter(memory.stops)
        self._car_minimum = CarMinimum()
        self._shadow_limiter: Limiter | None = None
        """Limits the imagined decision in shadow mode."""
        self._outside = OutsideSharing()
        self._shadow_outside = OutsideSharing()
        self.wear_counter = WearCounter(memory.wear)
        self.house = SiteWatch(memory.intervals, memory.meter)
        self.check = MeterCheck()
        self._inputs: Inputs | None = None
        self._phases = PhaseMemory(memory.phases, memory.phases_measured)
        self._fuse = FuseWatch(memory.fuse)
        self._guard = HouseGuard(self._fuse, memory.feeders)
        self._held_back: frozenset[TwcId] = frozenset()
        """Which cars the main fuse limited in the last decision."""
        self._own: dict[TwcId, OwnCurrent] = {}
        self._begun_at: float | None = None
        self._knows_cars = False
        """Whether every wall connector has told once what its car draws, or has had the time for it."""
        self._solar_controls: dict[TwcId, SolarControl] = {}
        self._outcomes: dict[TwcId, Outcome] = {}
        self._full = dict(memory.full)
        """Which cars have finished, also those that are not looked at for now."""
        self._silent_stops = SilentStops()

    def remembered(self) -> EngineMemory:
        """Return what must survive a restart."""
        return EngineMemory(
            wear=dict(self.wear_counter.wear),
            phases=dict(self._phases.learnt),
            phases_measured=frozenset(self._phases.measured),
            # Whole seconds, because each change is written to disk.
            intervals={
                name: float(round(seconds)) for name, seconds in self.house.inputs.intervals().items()
            },
            meter=self.house.meter_memory(),
            fuse=self._fuse.remembered(),
            feeders=self._guard.remembered(),
            stops=self._limiter.stops(),
            full=dict(self._full),
        )

    @property
    def meter(self) -> MeterFindings:
        """What the meter's responses to the cars' load steps show."""
        return self.house.findings

    def forget_meter(self) -> None:
        """Learn the meters anew, because other sensors or another sign were chosen."""
        self.check.break_off()
        self.house.forget_meter()
        self._guard.forget_meter()

    def forget_feeders(self, names: Iterable[str]) -> None:
        """Learn the sensors of these feeders anew, because others or another sign were chosen there."""
        self._guard.forget_feeders(names)

    def check_meter(self) -> bool:
        """Begin a step trial of the meter; return False if no charging car can be moved by 3 A."""
        if self._inputs is None:
            return False
        site = self._inputs.site
        begun = self.check.begin(self._inputs.connectors, self.house.interval_seconds(site), self.meter)
        if begun:
            self.house.begin_trial(site)
        return begun

    def decide(self, inputs: Inputs, now: float) -> Decision:
        """Decide for all wall connectors. ``now`` is s of the clock of the readings and the bus."""
        self._inputs, site, wiring = inputs, inputs.site, wiring_of(inputs)
        connectors = {twcid: self._within_budget(one, site) for twcid, one in inputs.connectors.items()}
        watts_per_ampere = self._follow_connectors(connectors, site, now)
        own_watts = self._own_watts(connectors, watts_per_ampere)
        on_purpose = self.check.state is CheckState.RUNNING or not self._solar_controls
        # Current of the house must not be taken for current of a car, so the smaller figure counts.
        drawn = {twcid: self._own[twcid].measured_amps * one.facts.units for twcid, one in connectors.items()}
        measured_watts = sum([amps * watts_per_ampere[twcid] for twcid, amps in drawn.items()])
        total_amps = sum([self._own[twcid].amps * one.facts.units for twcid, one in connectors.items()])
        view = self.house.follow(
            inputs.readings,
            site,
            own_watts,
            now,
            measured_watts=measured_watts,
            knows_cars=self._know_cars(connectors, now),
            own_amps=total_amps,
            on_purpose=on_purpose,
            step_watts=self._step_watts(connectors, watts_per_ampere) if site.seeks_hidden_sun else 0.0,
            least_watts=self._least_watts(connectors, watts_per_ampere) if site.consumers else 0.0,
        )
        shares = self._share_surplus(connectors, wiring.loads, watts_per_ampere, view, now)
        plans = {
            twcid: self.check.move_plan(
                one,
                self._plan(one, shares.get(twcid), view, inputs, now),
                self._own[twcid].amps,
                highest_amps(one),
                now,
            )
            for twcid, one in connectors.items()
        }
        if self.check.finish_if_over(self.house.trial_findings, self.house.interval_seconds(site)):
            self.house.end_trial()
        moved = {twcid: one for twcid, one in connectors.items() if one.circuit not in wiring.loads}
        fuse = self._guard.follow(
            inputs.readings,
            site,
            wiring,
            moved,
            {twcid: drawn[twcid] for twcid in moved},
            sum(one.facts.counted_amps for twcid, one in connectors.items() if twcid not in moved),
            now,
            on_purpose=on_purpose and not self._held_back,
            held_back=self._held_back,
            grid=self.house.proven_grid(inputs.readings),
        )
        limited, done = self._limit(inputs, wiring, connectors, plans, view, fuse, now)
        times = [plan.next_at for plan in plans.values()]
        times += [own.settled_at for own in self._own.values()]
        times += [control.car_limit.next_at for control in self._solar_controls.values()]
        times += [view.trusted.next_at, view.next_at, fuse.next_at, *limited.times, *done.times]
        first = next((share for share in shares.values()), None)
        grounds = Grounds(
            site=site,
            trusted=view.trusted,
            balance=view.balance,
            told_watts=_told_watts(view) if view.balance and view.accounted else None,
            fuse=fuse,
            limited=limited,
            now=now,
        )
        decided = self._explained(inputs, grounds, shares)
        told = decided if done is limited else self._explained(inputs, replace(grounds, limited=done), {})
        shown = self._note_outcomes(inputs, decided, told, done.orders, now)
        shown = {twcid: of_limits(one, connectors[twcid], grounds) for twcid, one in shown.items()}
        shown = with_kept_amps(shown, connectors, inputs.circuits, now)
        times += [outcome.next_at(now) for outcome in self._outcomes.values()]
        return Decision(
            connectors=shown,
            orders=done.orders,
            told=told,
            surplus_watts=None if view.accounted is None else view.accounted.watts,
            available_amps=_available_amps(view, first, site),
            house=house_flows(view.trusted, view.accounted, site, inputs.readings.sun_elevation),
            input_state=view.trusted.state,
            stale_inputs=view.trusted.stale,
            unyielding_consumers=view.unyielding,
            fuse_amps=fuse.amps,
            fuse_state=self._note_fuse_state(fuse, told),
            silent_phases=fuse.silent,
            silent_other_loads=bool(fuse.others_silent),
            silent_feeders=tuple(
                name for name, state in fuse.feeder_states.items() if state is FuseState.SILENT
            ),
            fuse_heat=fuse.heat,
            fuse_findings=fuse.findings,
            unsigned_phases=fuse.unsigned,
            house_phases=fuse.house_phases,
            watts_per_ampere=watts_per_ampere,
            rooms=done.rooms,
            spikes=done.spikes,
            next_at=min((at for at in times if at is not None and at > now), default=None),
        )

    def _note_fuse_state(self, fuse: FuseView, told: Mapping[TwcId, ConnectorDecision]) -> FuseState:
        """Remember which cars the main fuse limits, and return what its guard is doing."""
        self._held_back = frozenset(twcid for twcid, one in told.items() if one.reason is Reason.HELD_BY_FUSE)
        return FuseState.LIMITING if self._held_back and fuse.state is FuseState.CLEAR else fuse.state

    def _note_outcomes(
        self,
        inputs: Inputs,
        decided: Mapping[TwcId, ConnectorDecision],
        told: Mapping[TwcId, ConnectorDecision],
        orders: Mapping[TwcId, int | None],
        now: float,
    ) -> dict[TwcId, ConnectorDecision]:
        """Follow what happens at each wall connector, and return what was told to it together with that.

        In shadow mode one that would follow the sun shows what was ``decided`` for it instead.
        """
        shown = {}
        for twcid, one in inputs.connectors.items():
            phase = inputs.circuits[one.circuit].phase
            if (outcome := self._outcomes.get(twcid)) is None:
                outcome = self._outcomes[twcid] = Outcome(self._full.get(twcid))
            outcome.note(
                one.facts,
                orders[twcid] if phase is BusPhase.RUNNING else None,
                self.wear_counter.of(twcid),
                now,
                can_stop=one.can_stop,
                chosen=(one.mode, one.enabled, one.fixed_amps, one.owner_limit_amps),
            )
            happens = decided[twcid]
            if not (inputs.shadow and one.follows_sun):
                happens = outcome.tell(
                    told[twcid],
                    one.facts,
                    phase,
                    orders[twcid],
                    now,
                    can_stop=one.can_stop,
                    car_is_told=one.can_stop and not one.stops_silently,
                )
            starting = outcome.is_starting()
            shown[twcid] = happens if happens.starting is starting else replace(happens, starting=starting)
            self._keep_full(twcid, outcome.full)
        self._outcomes = {twcid: self._outcomes[twcid] for twcid in inputs.connectors}
        return shown

    def _keep_full(self, twcid: TwcId, full: KeptFull | None) -> None:
        if full is None:
            self._full.pop(twcid, None)
        else:
            self._full[twcid] = full

    # The facts

    def _within_budget(self, one: ConnectorInput, site: SiteSettings) -> ConnectorInput:
        """Return it as one that cannot stop if its car was stopped silently too often: it would refuse to start again.

        See protocol.md 3.8.
        """
        if not one.stops_silently or one.mode not in SOLAR_MODES:
            return one
        wear = self.wear_counter.of(one.facts.twcid)
        spent = wear.silent_stops - wear.turn_stops >= site.stops_per_plug_in
        return replace(one, can_stop=False) if spent else one

    def _follow_connectors(
        self, connectors: Mapping[TwcId, ConnectorInput], site: SiteSettings, now: float
    ) -> dict[TwcId, float]:
        """Take in what the wall connectors report; return the W per A of each."""
        for twcid, one in connectors.items():
            self.wear_counter.note(one.facts, now)
            self._phases.note(one.facts)
            if (own := self._own.get(twcid)) is None:
                own = self._own[twcid] = OwnCurrent()
            own.note(one.facts, now)
        self._solar_controls = {
            twcid: control
            for twcid, control in self._solar_controls.items()
            if twcid in connectors and _is_driven(connectors[twcid])
        }
        for twcid, one in connectors.items():
            if _is_driven(one) and twcid not in self._solar_controls:
                self._solar_controls[twcid] = SolarControl(one, now)
        return {
            twcid: self._phases.watts_per_ampere(one.facts, site, one.phases)
            for twcid, one in connectors.items()
        }

    def _know_cars(self, connectors: Mapping[TwcId, ConnectorInput], now: float) -> bool:
        """Whether it is known what the cars draw: after a restart a meter contains them before they are heard."""
        self._begun_at = now if self._begun_at is None else self._begun_at
        if self._knows_cars or now >= self._begun_at + HEARD_WITHIN_SECONDS:
            return True
        told = all(
            _has_reported(one) and one.facts.presence is not Presence.REMEMBERED
            for one in connectors.values()
        )
        self._knows_cars = told and bool(connectors)
        return told

    def _own_watts(
        self, connectors: Mapping[TwcId, ConnectorInput], watts_per_ampere: Mapping[TwcId, float]
    ) -> float:
        return sum(
            [
                self._own[twcid].amps * one.facts.units * watts_per_ampere[twcid]
                for twcid, one in connectors.items()
            ]
        )

    # The sun

    def _step_watts(
        self, connectors: Mapping[TwcId, ConnectorInput], watts_per_ampere: Mapping[TwcId, float]
    ) -> float:
        """Return the W by which the cars on the sun could try whether there is more: one A, or from rest the minimum.

        A little is added, as amps rise only with a margin.
        """
        there = {
            twcid: one
            for twcid, one in connectors.items()
            if twcid in self._solar_controls and one.facts.plugged_in is not False
        }
        charging = [watts_per_ampere[twcid] for twcid, one in there.items() if one.facts.charging]
        if charging:
            return TRIED_AMPS * min(charging)
        waiting = (one.minimum_amps * watts_per_ampere[twcid] for twcid, one in there.items())
        return TRIED_MINIMUMS * min(waiting, default=0.0)

    def _least_watts(
        self, connectors: Mapping[TwcId, ConnectorInput], watts_per_ampere: Mapping[TwcId, float]
    ) -> float:
        """Return the W that the cars on the sun need to go on; 0 while none of them charges."""
        return sum(
            one.minimum_amps * watts_per_ampere[twcid]
            for twcid, one in connectors.items()
            if twcid in self._solar_controls and one.facts.charging
        )

    def _share_surplus(
        self,
        connectors: Mapping[TwcId, ConnectorInput],
        loads: Container[str],
        watts_per_ampere: Mapping[TwcId, float],
        view: SiteView,
        now: float,
    ) -> dict[TwcId, Share]:
        """Return what each wall connector in a solar mode may use, in the order of priority."""
        balance = view.balance
        if balance is None:
            return {}
        moved = {
            twcid: control
            for twcid, control in self._solar_controls.items()
            if connectors[twcid].circuit not in loads
        }
        others = {twcid: one for twcid, one in connectors.items() if twcid not in moved}
        taken = self._own_watts(others, watts_per_ampere)
        for twcid, control in self._solar_controls.items():
            control.car_limit.note(connectors[twcid].facts, now)
        seekers = [
            self._seeker(connectors[twcid], control, watts_per_ampere[twcid], now)
            for twcid, control in moved.items()
        ]
        share = SurplusSharing(seekers).share
        low = least = likely = high = share(balance.low_watts - taken)
        told_watts, is_open = _told_watts(view), balance.high_watts != balance.low_watts
        if is_open:
            high = share(balance.high_watts - taken)
        if (doubted := balance.shown_watts[0] - told_watts) > 0:
            # A car may have fallen that its wall connector has not told of.
            least = likely = share(balance.low_watts - doubted - taken)
        elif is_open:
            is_less = told_watts < balance.high_watts
            likely = share(told_watts - taken) if is_less else high
        return {
            seeker.twcid: Share(
                low_watts=low[seeker.twcid],
                high_watts=max(low[seeker.twcid], high[seeker.twcid]),
                likely_watts=max(least[seeker.twcid], likely[seeker.twcid]),
                watts_per_ampere=seeker.watts_per_ampere,
                battery_first=balance.battery_first,
                battery_helps=balance.battery_helps,
                spares_battery=balance.spares_battery,
            )
            for seeker in sorted(seekers, key=lambda seeker: -seeker.priority)
        }

    def _seeker(
        self, one: ConnectorInput, control: SolarControl, watts_per_ampere: float, now: float
    ) -> Seeker:
        """Return what a wall connector in a solar mode may have of the surplus."""
        return Seeker(
            twcid=one.facts.twcid,
            priority=one.priority,
            watts_per_ampere=watts_per_ampere,
            minimum_amps=one.minimum_amps,
            useful_amps=control.car_limit.useful_amps(one.facts, highest_amps(one)),
            running=control.running or one.mode is ChargeMode.SOLAR_MIN,
            takes_nothing=self._takes_nothing(one, now),
            held=keeps_minimum(one) and bool(one.facts.charging),
        )

    def _takes_nothing(self, one: ConnectorInput, now: float) -> bool:
        """Whether its car has taken nothing of its offer for long; one that begins again counts at once."""
        outcome = self._outcomes.get(one.facts.twcid)
        return outcome is not None and not one.facts.charging and outcome.takes_nothing(now)

    # The owner

    def _plan(
        self, one: ConnectorInput, share: Share | None, view: SiteView, inputs: Inputs, now: float
    ) -> Plan:
        """Return the plan for one wall connector from its mode, before the main fuse and the circuit limit it."""
        if (plan := plan_without_sun(one, inputs.circuits[one.circuit].limit_amps)) is not None:
            return plan
        return self._plan_solar(one, share, view, inputs.site, highest_amps(one), now)

    def _plan_solar(
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
        if not _has_reported(one):
            # After a restart it may be charging. It continues until it reports, and then from what it has.
            return Plan(amps=one.minimum_amps, charge=True, reason=Reason.STALE_INPUT_HELD)
        control = self._solar_controls.get(one.facts.twcid)
        if one.awaits_consent and one.facts.plugged_in is not False:
            return Plan(amps=one.minimum_amps, charge=True, reason=Reason.HOLDING_CANNOT_STOP)
        if control is None:
            return Plan(amps=at_least, charge=at_least > 0, reason=Reason.NO_CAR)
        if view.trusted.state in (InputState.FRESH, InputState.NIGHT) and share is not None:
            plan = control.decide(one, share, site, highest, now)
        else:
            state = InputState.HELD if view.trusted.state is InputState.FRESH else view.trusted.state
            plan = control.without_input(one, state, site, highest, now)
        if plan.reason is Reason.HOLDING_CANNOT_STOP and one.stops_silently:
            return replace(plan, reason=Reason.STOP_BUDGET_SPENT)
        return plan

    # The limits

    def _limit(
        self,
        inputs: Inputs,
        wiring: Wiring,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        view: SiteView,
        fuse: FuseView,
        now: float,
    ) -> tuple[Limited, Limited]:
        """Return what the main fuse and the circuit leave of what was decided, and of what is really done.

        The two differ in shadow mode only: there wall connectors in a solar mode really have full speed, and all others
        what they would have anyway. The main fuse and the circuit limit both.
        """
        acting = connectors
        if inputs.shadow:
            acting = {twcid: as_fast(one) for twcid, one in inputs.connectors.items()}
            doing = {twcid: self._plan(one, None, view, inputs, now) for twcid, one in acting.items()}
            done = self._within(self._outside, self._limiter, inputs, wiring, acting, doing, fuse, now)
            done = self._car_minimum.apply(acting, done, now)
            shadow = self._shadow_limiter = self._shadow_limiter or Limiter()
            limited = self._within(self._shadow_outside, shadow, inputs, wiring, connectors, plans, fuse, now)
        else:
            self._shadow_limiter = None
            done = self._within(self._outside, self._limiter, inputs, wiring, connectors, plans, fuse, now)
            limited = done = self._car_minimum.apply(connectors, done, now)
        stopped = self._silent_stops.follow(acting, done.plans, done.orders, now, done.left_alone)
        for twcid, by_turn in stopped.items():
            self.wear_counter.stopped_silently(twcid, by_turn=by_turn)
        for twcid, plan in limited.plans.items():
            is_stopped = plan.reason in STOPPED_BY_LIMIT and not plan.charge
            if is_stopped and twcid in self._solar_controls:
                drew = bool(connectors[twcid].facts.charging)
                self._solar_controls[twcid].stopped(plan.reason, now, drew=drew)
        return limited, done

    @staticmethod
    def _within(
        outside: OutsideSharing,
        limiter: Limiter,
        inputs: Inputs,
        wiring: Wiring,
        connectors: Mapping[TwcId, ConnectorInput],
        plans: Mapping[TwcId, Plan],
        fuse: FuseView,
        now: float,
    ) -> Limited:
        """Return the plans within the limits from outside, the main fuse and the circuit."""
        turn_seconds = max((one.rotation_seconds for one in inputs.circuits.values()), default=0.0)
        share = outside.share(inputs.outside, connectors, plans, inputs.site, now, turn_seconds, wiring.loads)
        return with_outside(limiter.limit(wiring, connectors, share.plans, fuse, now), share)

    def _explained(
        self, inputs: Inputs, grounds: Grounds, shares: Mapping[TwcId, Share]
    ) -> dict[TwcId, ConnectorDecision]:
        return {
            twcid: explain(
                one,
                grounds,
                sun_there(one, self._solar_controls.get(twcid), shares.get(twcid), grounds),
                phases=self._phases.phases(one.facts, inputs.site, one.phases),
                circuit_amps=inputs.circuits[one.circuit].limit_amps,
                wear=self.wear_counter.of(twcid),
            )
            for twcid, one in inputs.connectors.items()
        }


def _is_driven(one: ConnectorInput) -> bool:
    """Whether solar control is active: the mode follows the sun, and a car may be there."""
    there = one.facts.plugged_in is not False and _has_reported(one)
    return one.follows_sun and not one.awaits_consent and there


def _has_reported(one: ConnectorInput) -> bool:
    """Whether it has reported anything since the start."""
    return one.facts.charging is not None


def _told_watts(view: SiteView) -> float:
    """Return the W that are told of the surplus for the cars: no sun is made of a car that changes."""
    return min(one.watts for one in (view.balance, view.accounted) if one is not None)


def _available_amps(view: SiteView, first: Share | None, site: SiteSettings) -> float | None:
    """Return the surplus in A per phase of the first car in line, or of an assumed car if there is none."""
    if view.accounted is None:
        return None
    per_ampere = first.watts_per_ampere if first else site.phases * site.nominal_volts
    return max(0.0, view.accounted.watts / per_ampere)
