"""A keeper goes on where Home Assistant stopped, never above it, and gives the bus back."""

import asyncio
import json
import os
import signal

from twc.keeper.folder import BusLock, clear, end_by_force, now, places, take_last_words
from twc.keeper.partner import Partner, TakenBack

from keeper_home import Home, running_keepers, take_back, until

from .conftest import CONTACTOR_OPENS_SECONDS


async def charging_home(garage, folder, **choices):
    home = Home(garage, folder, **choices)
    await home.move_in()
    await until(lambda: garage.drawn_amps > home.amps - 2)
    garage.forget_gaps()
    await garage.hear_heartbeats(1)
    return home


async def test_a_restart_does_not_end_a_charge(any_garage, folder):
    garage = any_garage
    home = await charging_home(garage, folder)
    assert await home.leave()
    await garage.hear_heartbeats(4)
    assert garage.drawn_amps > 14, "the car goes on at what it had"
    back = await take_back(folder)
    assert back.kept_seconds > 2
    assert back.spoke
    assert [one.twcid for one in back.remembered] == [garage.twcid]
    again = Home(garage, folder, back=back, taken_over=True)
    await again.move_in()
    await garage.hear_heartbeats(3)
    assert garage.drawn_amps > 14
    assert garage.longest_gap < CONTACTOR_OPENS_SECONDS
    assert not garage.monitor.violations
    await again.fall_silent()
    again.partner.end()
    await until(lambda: not running_keepers(folder))


async def test_a_death_without_a_word_does_not_end_a_charge_either(garage, folder):
    home = await charging_home(garage, folder)
    await home.die()
    await garage.hear_heartbeats(3)
    assert garage.drawn_amps > 14
    assert garage.longest_gap < CONTACTOR_OPENS_SECONDS
    await take_back(folder)
    await until(lambda: not running_keepers(folder))
    assert not garage.monitor.violations


async def test_an_offer_that_was_wanted_and_not_yet_there_is_not_made_by_a_keeper(garage, folder):
    home = await charging_home(garage, folder, amps=10)
    home.amps = 16
    home.partner.tell(home.state({garage.twcid: 16}))
    await home.leave()
    await garage.hear_heartbeats(4)
    assert garage.station.connector.offered_amps == 10
    await take_back(folder)


async def test_at_its_end_a_keeper_lowers_and_then_falls_silent(garage, folder):
    home = await charging_home(garage, folder, keep_seconds=6.0)
    await home.leave()
    await garage.hear_heartbeats(2)
    assert garage.drawn_amps > 14
    await until(lambda: garage.drawn_amps < 7)
    await until(lambda: not running_keepers(folder))
    heard = garage.heartbeats
    await asyncio.sleep(2)
    assert garage.heartbeats == heard
    assert places(folder) == []


async def test_a_crash_loop_is_not_kept_alive_and_not_forgotten(garage, folder):
    (folder / "crashes").write_text(json.dumps([now() - 300, now() - 20]))
    back = TakenBack()
    for _ in range(2):
        home = await charging_home(garage, folder, back=back, taken_over=True)
        back = TakenBack(remembered=home.controller.remembered())
        heard = garage.heartbeats
        await home.die()
        await until(lambda: not running_keepers(folder))
        assert garage.heartbeats <= heard + 1


async def test_crashes_of_long_ago_are_no_crash_loop(garage, folder):
    (folder / "crashes").write_text(json.dumps([now() - 3000, now() - 2000, now() + 1e6]))
    home = await charging_home(garage, folder)
    await home.die()
    await garage.hear_heartbeats(3)
    assert (await take_back(folder)).kept_seconds > 1


async def test_nobody_without_the_secret_is_heard(garage, folder):
    home = await charging_home(garage, folder)
    (place,) = places(folder)
    secret = place / "secret"
    known = secret.read_text()
    secret.write_text("0" * len(known))
    stranger = await Partner.meet(place)
    try:
        await stranger.release()
    except OSError:
        refused = True
    assert refused
    assert home.partner.is_there, "the keeper stands by as before"
    assert (place.stat().st_mode & 0o777, (place / "socket").stat().st_mode & 0o777) == (0o700, 0o600)
    home.partner.end()
    await home.fall_silent()
    await until(lambda: not running_keepers(folder))


async def test_a_keeper_that_is_told_to_end_by_the_machine_falls_silent_at_once(garage, folder):
    home = await charging_home(garage, folder)
    await home.leave()
    await garage.hear_heartbeats(2)
    (process,) = running_keepers(folder)
    os.kill(process, signal.SIGTERM)
    await until(lambda: not running_keepers(folder))
    assert take_last_words(folder) == ""


async def test_a_keeper_that_hangs_can_be_ended_by_whoever_knows_its_socket(garage, folder):
    home = await charging_home(garage, folder)
    await home.leave()
    (process,) = running_keepers(folder)
    os.kill(process, signal.SIGSTOP)
    (place,) = places(folder)
    end_by_force(place)
    await until(lambda: not running_keepers(folder))
    await until(BusLock(folder).take)
    assert places(folder) == []


async def test_a_keeper_that_hangs_is_ended_by_the_kernel_at_its_bound(garage, folder):
    home = await charging_home(garage, folder, keep_seconds=2.0)
    await home.leave()
    await garage.hear_heartbeats(1)
    (process,) = running_keepers(folder)
    os.kill(process, signal.SIGSTOP)
    await asyncio.sleep(4.5)
    os.kill(process, signal.SIGCONT)  # the alarm of a stopped process waits for it
    await until(lambda: not running_keepers(folder))
    for place in places(folder):
        clear(place)
