"""One wall connector on its way through a day of sun: begins, follows, bridges a cloud, ends."""

from collections.abc import Mapping
from dataclasses import dataclass

from .appetite import Appetite
from .decision import ConnectorInput, InputState, Reason
from .following import Follower
from .settings import ChargeMode, SiteSettings, StaleChoice
from .sparing import sparing
from .start_stop import Phase, StartStop


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one wall connector shall have, before the fuse and the circuit are asked. Amps are A per phase."""

    amps: int
    charge: bool
    reason: Reason
    next_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one wall connector may use of the surplus."""

    low_watts: float
    high_watts: float
    watts_per_ampere: float
    battery_first: bool = False
    battery_helps: bool = False
    spares_battery: bool = False
    """Whether what it lacks would come from a house battery that may not give it."""


_WAITING = {
    Phase.WAITING: Reason.WAITING_FOR_SURPLUS,
    Phase.GATHERING: Reason.ABOUT_TO_START,
    Phase.RESTING: Reason.RESTING,
}


class Pilot:
    """Decides for one wall connector in a solar mode. Time is passed in, in s."""

    def __init__(self, one: ConnectorInput, now: float) -> None:
        """Take up a charge as it is found, so that a restart of ours neither stops nor raises it."""
        running = bool(one.facts.charging)
        found_amps = int(one.facts.offered_amps or 0) if running else 0
        self.start_stop = StartStop(running=running, now=now)
        self._follower = Follower(max(one.minimum_amps, found_amps), now)
        self.appetite = Appetite()

    @property
    def running(self) -> bool:
        """Whether its car charges, as far as the sun is concerned."""
        return self.start_stop.running

    def line_watts(self, one: ConnectorInput, share: Share, site: SiteSettings) -> float:
        """Return the W from which on it may begin, and below which it ends."""
        grid_share = 0.0 if share.spares_battery else site.start_grid_share / 100
        return one.minimum_amps * share.watts_per_ampere * (1 - grid_share)

    def terms(self, one: ConnectorInput, share: Share, site: SiteSettings, now: float) -> dict[str, float]:
        """Return what decides over beginning, going on and ending, by name."""
        found = self.start_stop.terms(self.line_watts(one, share, site), site.pace, now)
        return {**found, "sway": round(self.start_stop.trends.sway_watts)} if self.running else found

    def timers(self, site: SiteSettings) -> dict[str, float]:
        """Return when something changes by itself, by name, as it was seen at the last decision."""
        found = self.start_stop.timers(site.pace)
        if self.running and self._follower.next_at is not None:
            found["changes_in"] = self._follower.next_at
        return found

    def decide(self, one: ConnectorInput, share: Share, site: SiteSettings, highest: int, now: float) -> Plan:
        """Follow what the sun gives; ``highest`` is the most that every other limit allows."""
        site = sparing(site) if share.spares_battery else site
        line = self.line_watts(one, share, site)
        watts = max(share.low_watts, min(share.high_watts, line))
        if share.battery_helps and self.running:
            watts = max(watts, line)
        was_running = self.running
        if self.start_stop.look(watts, line, site.pace, now) and not was_running:
            begin = int(share.low_watts / share.watts_per_ampere)
            self._follower = Follower(max(one.minimum_amps, min(highest, begin)), now)
        if not self.running and not keeps_minimum(one):
            waiting = Reason.BATTERY_FIRST if share.battery_first else _WAITING[self.start_stop.phase]
            amps = one.minimum_amps if self._began_by_itself(one, site, now) else 0
            return Plan(amps=amps, charge=amps > 0, reason=waiting, next_at=self.start_stop.next_at)
        self._follower.follow(
            share.low_watts,
            share.high_watts,
            share.watts_per_ampere,
            one.minimum_amps,
            highest,
            self.start_stop.trends.sway_watts,
            site.pace,
            now,
        )
        times = [at for at in (self.start_stop.next_at, self._follower.next_at) if at is not None]
        return Plan(
            amps=self._follower.amps,
            charge=True,
            reason=self._reason(one, share, line * site.pace.stop_line),
            next_at=min(times, default=None),
        )

    def _began_by_itself(self, one: ConnectorInput, site: SiteSettings, now: float) -> bool:
        """Whether it charges since it was plugged in, and there is enough for that: to stop it would be for a moment.

        One that was stopped and still charges is only slow to obey.
        """
        begins = self.start_stop.phase is Phase.GATHERING and self.start_stop.is_rested(site.pace, now)
        return begins and bool(one.facts.charging)

    def _reason(self, one: ConnectorInput, share: Share, line: float) -> Reason:
        if self._follower.amps > one.minimum_amps or share.high_watts >= line:
            return Reason.FOLLOWING_SURPLUS
        if one.mode is ChargeMode.SOLAR_MIN:
            return Reason.AT_MINIMUM
        if not self.running:
            return Reason.HOLDING_CANNOT_STOP
        return Reason.BATTERY_HELPS if share.battery_helps else Reason.ABOUT_TO_STOP

    def without_input(
        self, one: ConnectorInput, state: InputState, site: SiteSettings, highest: int, now: float
    ) -> Plan:
        """Go down the ladder while the readings are missing: never up, and in the end as the owner chose."""
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

    def stopped(self, now: float) -> None:
        """Take note that something stronger than the sun stopped it: it begins anew, after a rest."""
        self.start_stop.switch(running=False, now=now)


_GIVEN_UP: Mapping[StaleChoice, Reason] = {
    StaleChoice.PAUSE: Reason.STALE_INPUT_PAUSED,
    StaleChoice.MINIMUM: Reason.STALE_INPUT_MINIMUM,
    StaleChoice.FIXED: Reason.STALE_INPUT_FIXED,
}


def keeps_minimum(one: ConnectorInput) -> bool:
    """Whether it goes on with the minimum when there is too little sun: by choice, or because it cannot stop."""
    return one.mode is ChargeMode.SOLAR_MIN or not one.can_stop
