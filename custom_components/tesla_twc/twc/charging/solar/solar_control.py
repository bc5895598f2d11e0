"""Plans one wall connector in a solar mode: whether it may charge at all (mode, battery, readings), then its amps."""

from collections.abc import Mapping
from math import inf
from typing import NamedTuple

from ..car_limit import CarLimit
from ..decision import InputState, Plan, Share
from ..inputs import ConnectorInput
from ..reason import Reason
from ..settings import ChargeMode, SiteSettings, StaleChoice, sparing
from .current_follower import CurrentFollower
from .start_stop import Stage, StartStop

_WAITING = {
    Stage.WAITING: Reason.WAITING_FOR_SURPLUS,
    Stage.GATHERING: Reason.ABOUT_TO_START,
    Stage.RESTING: Reason.RESTING,
}

PROMISED_SECONDS = 10.0
"""So long it is told that a car will begin, or rests, though the sun is not certain any more and still likely."""

CERTAIN_SECONDS = 60.0
"""So long what was certain of the sun before a car began is not overtaken: a car begins within it (protocol.md 3.5),
and a slow meter tells within it."""


class _Promise(NamedTuple):
    """What was told when the sun was certainly enough the last time."""

    stage: Stage
    at: float
    begins_at: float
    """When it would begin; inf if nobody knew."""


class SolarControl:
    """Controls one wall connector in a solar mode. The time is passed in, in s."""

    def __init__(self, one: ConnectorInput, now: float) -> None:
        """Begin with a running charge as it is, so that a restart neither stops nor raises it."""
        running = bool(one.facts.charging)
        found_amps = int(one.facts.offered_amps or 0) if running else 0
        self.start_stop = StartStop(running=running, now=now)
        self._follower = CurrentFollower(max(one.minimum_amps, found_amps), now)
        self.car_limit = CarLimit()
        self._promised = _Promise(Stage.WAITING, -inf, inf)
        self._is_promised = False
        """Whether what is told is what was promised a moment ago."""
        self._paid_at = -inf
        """When the sun was certainly enough for a waiting car to go on with, if it had charged."""
        self._refused_by: Reason | None = None
        """Which limit refused its last start, as long as there is sun for the next one."""

    @property
    def running(self) -> bool:
        """Whether its car may charge on the surplus now."""
        return self.start_stop.running

    @property
    def short_since(self) -> float | None:
        """Since when the sun is too little for it without a break; None while it is enough or not known."""
        return self.start_stop.short_since

    def terms(self, one: ConnectorInput, share: Share, site: SiteSettings, now: float) -> dict[str, float]:
        """Return the values that decide about begin and end, by name; none where it never ends."""
        if keeps_minimum(one):
            return {}
        pace = _site_of(share, site).pace
        return self.start_stop.terms(_minimum_watts(one, share), pace, now)

    def timers(self, one: ConnectorInput, share: Share | None, site: SiteSettings) -> dict[str, float]:
        """Return when something changes by itself, by name, as of the last decision."""
        found = {} if keeps_minimum(one) else self.start_stop.timers(_site_of(share, site).pace)
        if self._is_promised and "starts_in" in found:
            found["starts_in"] = self._promised.begins_at
        if (self.running or keeps_minimum(one)) and self._follower.next_at is not None:
            found["changes_in"] = self._follower.next_at
        return found

    def decide(self, one: ConnectorInput, share: Share, site: SiteSettings, highest: int, now: float) -> Plan:
        """Return the plan for the present share; ``highest`` is the most that all other limits allow."""
        site = _site_of(share, site)
        minimum = _minimum_watts(one, share)
        if self._began_by_itself(one, share, site, now):
            # Its start is paid, so all that is left to decide is whether to end it.
            self.start_stop.switch(running=True, now=now)
        # A charge ends by the most that it may have, and begins by what it surely has.
        watts = max(share.low_watts, min(share.high_watts, minimum)) if self.running else share.low_watts
        if share.battery_helps and self.running:
            watts = max(watts, minimum)
        # With so much from the sun charging earns more than it costs.
        enough = minimum * (1 - site.pace.grid_share / 100)
        was_running, running = self.running, self.start_stop.follow(watts, minimum, site.pace, now)
        if was_running:
            self._refused_by = None
        if running and not was_running:
            begin = int(share.low_watts / share.watts_per_ampere)
            self._follower = CurrentFollower(max(one.minimum_amps, min(highest, begin)), now)
        if not running and not keeps_minimum(one):
            reason = self._why_waiting(share, enough, now)
            return Plan(amps=0, charge=False, reason=reason, next_at=self.start_stop.next_at)
        self._follower.adjust(
            share.low_watts,
            share.high_watts,
            share.watts_per_ampere,
            one.minimum_amps,
            highest,
            site.pace,
            now,
        )
        times = [at for at in (self.start_stop.next_at, self._follower.next_at) if at is not None]
        return Plan(
            amps=self._follower.amps,
            charge=True,
            # One that has not begun on the sun goes on because it has to, until the sun gives all of its minimum.
            reason=self._reason(one, share, enough if running else minimum, now),
            next_at=min(times, default=None),
        )

    def _began_by_itself(self, one: ConnectorInput, share: Share, site: SiteSettings, now: float) -> bool:
        """Whether it charges since it was plugged in, with enough surplus to go on.

        It got the minimum then, and its own step leaves open for a while how much there is: what was certain just
        before counts as long as it is possible. A car that was stopped and still charges is only slow to obey.
        """
        if self.running or keeps_minimum(one):
            return False
        minimum, pace = _minimum_watts(one, share), site.pace
        if self.start_stop.would_pay(share.low_watts, minimum, pace):
            self._paid_at = now
        if not one.facts.charging or not self.start_stop.is_rested(pace, now):
            return False
        was_sure = now <= self._paid_at + CERTAIN_SECONDS
        return was_sure and self.start_stop.would_pay(share.high_watts, minimum, pace)

    def _why_waiting(self, share: Share, enough: float, now: float) -> Reason:
        if share.battery_first:
            self._refused_by = None
            return Reason.BATTERY_FIRST
        # While a car's own step leaves open what there is, the stage takes it for enough.
        stage = Stage.WAITING if share.likely_watts < enough else self.start_stop.stage
        self._is_promised = False
        if stage is not Stage.WAITING:
            self._promised = _Promise(stage, now, self.start_stop.turns_at)
        elif share.likely_watts >= enough and now <= self._promised.at + PROMISED_SECONDS:
            # One of two sensors was told of the sun a moment before the other: what was told holds until both were.
            stage, self._is_promised = self._promised.stage, True
        if stage is Stage.WAITING:
            self._refused_by = None
        return self._refused_by or _WAITING[stage]

    def _reason(self, one: ConnectorInput, share: Share, enough: float, now: float) -> Reason:
        # While its own first step leaves open how much there is, what was certain before it is told on.
        still_sure = self.running and now <= self._paid_at + CERTAIN_SECONDS and share.high_watts >= enough
        if share.likely_watts >= enough or still_sure:
            return Reason.FOLLOWING_SURPLUS
        if self.running and share.battery_helps and one.mode is not ChargeMode.SOLAR_MIN:
            return Reason.BATTERY_HELPS
        if not keeps_minimum(one):
            return Reason.ABOUT_TO_STOP
        if self._follower.amps > one.minimum_amps:
            # It is not at its minimum yet.
            return Reason.FOLLOWING_SURPLUS
        return Reason.AT_MINIMUM if one.mode is ChargeMode.SOLAR_MIN else Reason.HOLDING_CANNOT_STOP

    def without_input(
        self, one: ConnectorInput, state: InputState, site: SiteSettings, highest: int, now: float
    ) -> Plan:
        """Return the plan while readings are missing: never a rise, and in the end what the owner chose."""
        self.start_stop.pause(now)
        charging = self.running or keeps_minimum(one)
        if state is InputState.HELD:
            self._follower.bound(
                one.minimum_amps, max(one.minimum_amps, min(highest, self._follower.amps)), now
            )
            return self._as_it_is(charging, Reason.STALE_INPUT_HELD)
        if state is InputState.GIVEN_UP:
            return self._given_up(one, site, highest, now)
        self._follower.bound(one.minimum_amps, one.minimum_amps, now)
        return self._as_it_is(charging, Reason.STALE_INPUT_MINIMUM)

    def _as_it_is(self, charging: bool, reason: Reason) -> Plan:
        if not charging:
            return Plan(amps=0, charge=False, reason=Reason.STALE_INPUT_WAITING)
        return Plan(amps=self._follower.amps, charge=True, reason=reason)

    def _given_up(self, one: ConnectorInput, site: SiteSettings, highest: int, now: float) -> Plan:
        amps = {
            StaleChoice.PAUSE: 0,
            StaleChoice.MINIMUM: one.minimum_amps,
            StaleChoice.FIXED: max(one.minimum_amps, min(site.stale_amps, highest)),
        }[site.stale_choice]
        if not amps and keeps_minimum(one):
            amps = one.minimum_amps
        self.start_stop.switch(running=amps > 0, now=now)
        self._follower.bound(max(one.minimum_amps, amps), max(one.minimum_amps, amps), now)
        return Plan(amps=amps, charge=amps > 0, reason=_GIVEN_UP[site.stale_choice])

    def stopped(self, limit: Reason, now: float, *, drew: bool) -> None:
        """Note that a limit stopped it, or refused its start before one ampere flowed.

        If its car ``drew`` current, it may begin again after a rest. Otherwise it goes on asking.
        """
        if drew:
            self.start_stop.switch(running=False, now=now)
        elif self.running:
            self.start_stop.withdraw()
            self._refused_by = limit


_GIVEN_UP: Mapping[StaleChoice, Reason] = {
    StaleChoice.PAUSE: Reason.STALE_INPUT_PAUSED,
    StaleChoice.MINIMUM: Reason.STALE_INPUT_MINIMUM,
    StaleChoice.FIXED: Reason.STALE_INPUT_FIXED,
}


def _site_of(share: Share | None, site: SiteSettings) -> SiteSettings:
    """Return the settings that count for a car: where the house battery is spared, other ones."""
    return sparing(site) if share is not None and share.spares_battery else site


def _minimum_watts(one: ConnectorInput, share: Share) -> float:
    """Return what its minimum needs."""
    return one.minimum_amps * share.watts_per_ampere


def keeps_minimum(one: ConnectorInput) -> bool:
    """Whether it continues with the minimum when there is too little sun: by its mode, or because it cannot stop."""
    return one.mode is ChargeMode.SOLAR_MIN or not one.can_stop
