"""A keeper from within: what it says at the end, and how it ends when something is in its way."""

import asyncio
from contextlib import suppress
import os
import socket

import pytest
from twc.bus.port.passed_port import PassedPort
from twc.keeper import keeper as keeper_module
from twc.keeper.folder import BusLock, clear, listen, new_place, now, places, reach
from twc.keeper.keeper import Keeper
from twc.keeper.lines import Word, line
from twc.keeper.partner import Partner
from twc.keeper.state import to_json

from keeper_home import state, until


@pytest.fixture
async def here(folder, monkeypatch):
    """Let a keeper stand by in this process. An alarm of the kernel would end this one."""
    monkeypatch.setattr("signal.setitimer", lambda *_: None)
    monkeypatch.chdir(".")
    place = new_place(folder)
    listening = listen(place)
    keeper = Keeper(place)
    running = asyncio.create_task(keeper.run(listening))
    await asyncio.sleep(0)
    yield keeper, running, place
    keeper._ended.set()
    with suppress(asyncio.CancelledError, RuntimeError):
        await running
    keeper._lock.free()
    clear(place)


async def kept(place, bus):
    """Hand a bus over to the keeper of a place."""
    partner = await Partner.meet(place)
    await partner.stand_by()
    partner.tell(bus)
    return await partner.hand_over()


async def test_the_farewell_comes_when_the_port_is_closed_and_the_lock_is_free(
    garage, folder, here, monkeypatch
):
    closed = False

    class SlowlyClosed(keeper_module.Link):
        async def close(self):
            nonlocal closed
            await asyncio.sleep(0.3)
            assert not BusLock(folder).take(), "the bus is not anybody else's before its port is closed"
            await super().close()
            closed = True

    monkeypatch.setattr(keeper_module, "Link", SlowlyClosed)
    _, _, place = here
    assert await kept(place, state(garage.port, twcid=garage.twcid))
    await garage.hear_heartbeats(1)
    back = await (await Partner.meet(place)).release()
    assert closed
    assert back.spoke
    assert back.port == garage.port
    assert [(one.twcid, one.energy_kwh) for one in back.remembered] == [(garage.twcid, 7.5)]
    assert places(folder) == []
    lock = BusLock(folder)
    assert lock.take()
    lock.free()


async def test_a_port_that_does_not_close_keeps_its_lock_until_the_process_ends(
    garage, folder, here, monkeypatch
):
    class NeverClosed(keeper_module.Link):
        async def close(self):
            await asyncio.Event().wait()

    monkeypatch.setattr(keeper_module, "Link", NeverClosed)
    monkeypatch.setattr(keeper_module, "KEEPER_CLOSE_SECONDS", 0.1)
    keeper, running, place = here
    assert await kept(place, state(garage.port, twcid=garage.twcid))
    await garage.hear_heartbeats(1)
    assert (await (await Partner.meet(place)).release()).spoke
    await running
    assert not BusLock(folder).take()
    keeper._link._transport.abort()


async def test_a_keeper_that_never_got_its_port_does_not_say_that_it_spoke(here):
    _, _, place = here
    assert await kept(place, state("/dev/there_is_no_such_port"))
    back = await (await Partner.meet(place)).release()
    assert (back.kept_seconds is not None, back.spoke) == (True, False)


async def test_a_port_that_takes_for_ever_to_open_is_given_up_at_the_bound(here, monkeypatch):
    def opener_of(_):
        async def never(_):
            await asyncio.Event().wait()

        return never

    monkeypatch.setattr(keeper_module, "serial_opener", opener_of)
    _, running, place = here
    assert await kept(place, state("/dev/ttyTWC", keep_seconds=0.3))
    await asyncio.wait_for(running, 10)


async def test_a_port_that_is_free_a_moment_later_is_opened_then(garage, here, monkeypatch, tmp_path):
    monkeypatch.setattr(keeper_module, "REOPEN_SECONDS", 0.05)
    _, _, place = here
    port = tmp_path / "adapter"
    assert await kept(place, state(str(port), twcid=garage.twcid))
    await asyncio.sleep(0.2)
    port.symlink_to(garage.port)
    await garage.hear_heartbeats(2)
    assert (await (await Partner.meet(place)).release()).spoke


async def test_a_keeper_ends_when_another_folder_takes_the_place_of_its_own(
    garage, folder, here, monkeypatch
):
    monkeypatch.setattr(keeper_module, "DECIDE_SECONDS", 0.1)
    _, running, place = here
    assert await kept(place, state(garage.port, twcid=garage.twcid))
    await garage.hear_heartbeats(1)
    folder.rename(folder.with_name("before the backup was restored"))
    folder.mkdir()
    await asyncio.wait_for(running, 10)
    clear(folder.with_name("before the backup was restored"))


async def test_time_in_which_the_computer_sleeps_counts(garage, here, monkeypatch):
    monkeypatch.setattr(keeper_module, "DECIDE_SECONDS", 0.1)
    _, running, place = here
    assert await kept(place, state(garage.port, twcid=garage.twcid))
    await garage.hear_heartbeats(1)
    awake = now
    monkeypatch.setattr(keeper_module, "now", lambda: awake() + 60)
    await asyncio.wait_for(running, 10)


async def test_a_state_that_cannot_be_read_puts_an_end_to_the_one_before(here):
    _, running, place = here
    partner = await Partner.meet(place)
    await partner.stand_by()
    partner.tell(state("/dev/ttyTWC"))
    partner._writer.write(line(Word.STATE, state={**to_json(state("/dev/ttyTWC")), "phases": 7}))
    assert not await partner.hand_over()
    await asyncio.wait_for(running, 10)


async def test_nothing_is_kept_after_a_death_before_the_first_word(here):
    _, running, place = here
    partner = await Partner.meet(place)
    await partner.stand_by()
    partner.close()
    await asyncio.wait_for(running, 10)


async def test_half_a_line_and_nonsense_are_nobody(here):
    _, running, place = here
    for said in (b"", b'{"do": "hello"', b"nonsense\n", b"[]\n", b'{"do": "release"}\n', b"x" * 100_000):
        with reach(place) as connection:
            connection.setblocking(True)
            await asyncio.to_thread(_say, connection, said)
    assert not running.done()


def _say(connection, said):
    with suppress(OSError):
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


async def test_a_keeper_to_which_nobody_comes_ends(folder, monkeypatch):
    monkeypatch.setattr(keeper_module, "LONELY_SECONDS", 0.1)
    monkeypatch.chdir(".")
    place = new_place(folder)
    await asyncio.wait_for(Keeper(place).run(listen(place)), 10)
    assert places(folder) == []


async def test_a_keeper_with_a_partner_is_not_lonely(here, monkeypatch):
    keeper, running, place = here
    partner = await Partner.meet(place)
    await partner.stand_by()
    keeper._nobody_came()
    await asyncio.sleep(0.05)
    assert not running.done()
    partner.end()
    await asyncio.wait_for(running, 10)


async def test_what_goes_wrong_while_a_bus_is_kept_is_told(here, monkeypatch):
    def broken(_):
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(keeper_module, "serial_opener", broken)
    _, running, place = here
    await kept(place, state("/dev/ttyTWC"))
    await asyncio.wait([running])
    with pytest.raises(RuntimeError, match="nobody thought of this"):
        running.result()


async def test_a_keeper_is_silent_as_long_as_somebody_else_holds_the_bus_and_does_not_wait_for_ever(
    garage, folder, here, monkeypatch
):
    monkeypatch.setattr(keeper_module, "LOCK_WAIT_SECONDS", 1.5)
    _, running, place = here
    other = BusLock(folder)
    assert other.take()
    assert await kept(place, state(garage.port, twcid=garage.twcid))
    await asyncio.wait_for(running, 10)
    assert garage.heartbeats == 0
    other.free()


async def test_a_keeper_that_cannot_decide_goes_on_with_what_it_decided_last(
    garage, here, monkeypatch, caplog
):
    monkeypatch.setattr(keeper_module, "DECIDE_SECONDS", 0.2)
    keeper, running, place = here
    assert await kept(place, state(garage.port, twcid=garage.twcid, keep_seconds=40.0))
    await garage.hear_heartbeats(2)
    decides = 0

    def raises(*_, **__):
        nonlocal decides
        decides += 1
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(keeper._controller, "offer", raises)
    await garage.hear_heartbeats(5)
    assert decides > 5
    assert garage.station.connector.offered_amps == 16, "for as long as orders last"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "An error in deciding; everything else goes on"
    ]
    await until(lambda: garage.station.connector.offered_amps == 6)
    await garage.hear_heartbeats(2)
    assert not running.done()
    monkeypatch.setattr(keeper._controller, "snapshot", raises)
    back = await (await Partner.meet(place)).release()
    assert (back.kept_seconds, back.remembered) == (None, ()), (
        "it has nothing to tell, and gives the bus back"
    )


async def test_an_heir_is_told_to_wait_for_a_port_in_the_network_and_gets_the_bus_in_any_case(
    here, monkeypatch
):
    monkeypatch.setattr(keeper_module, "LONGEST_WAIT_SECONDS", 0.3)
    _, _, place = here
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        host, port = nobody.getsockname()
    assert await kept(place, state(f"socket://{host}:{port}"))
    partner = await Partner.meet(place)
    answers = []
    answer = partner._answer

    async def noted(seconds):
        answers.append(await answer(seconds))
        return answers[-1]

    monkeypatch.setattr(partner, "_answer", noted)
    back = await partner.release(with_port=True)
    assert [said.get("waiting") for said in answers] == [True, None]
    assert (back.spoke, back.passed) == (False, None)


async def test_a_keeper_that_is_passed_a_port_passes_it_on(garage, here):
    _, _, place = here
    descriptor = os.open(garage.port, os.O_RDWR | os.O_NOCTTY)
    partner = await Partner.meet(place)
    await partner.stand_by()
    partner.tell(state("/dev/there_is_no_such_port", twcid=garage.twcid))
    port = PassedPort(descriptor)
    assert await partner.hand_over(port)
    port.close()
    await garage.hear_heartbeats(2)
    back = await (await Partner.meet(place)).release(with_port=True)
    assert back.spoke
    assert os.isatty(back.passed.fileno())
    back.passed.close()
    assert place not in places(place.parent)
