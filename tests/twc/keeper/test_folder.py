"""The folder where Home Assistant and keepers meet: for its owner only, and nothing is left in it."""

from contextlib import ExitStack, contextmanager, suppress
import errno
import json
import os
from pathlib import Path
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest
from twc.keeper.folder import (
    BusLock,
    clear,
    end_by_force,
    listen,
    new_place,
    note_crash,
    now,
    places,
    prepare,
    reach,
    secret_of,
    take_last_words,
)


@pytest.fixture
def anybody_may_read():
    before = os.umask(0)
    yield
    os.umask(before)


def open_files():
    return len([*Path("/proc/self/fd").iterdir()])


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.usefixtures("anybody_may_read")
def test_everything_is_for_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "storage" / "keeper"
    folder.mkdir(parents=True, mode=0o777)
    prepare(folder)
    place = new_place(folder)
    lock = BusLock(folder)
    assert lock.take()
    with listen(place):
        modes = [mode(path) for path in (folder, place, place / "secret", place / "socket", folder / "lock")]
    assert modes == [0o700, 0o700, 0o600, 0o600, 0o600]
    assert os.umask(0) == 0, "and the umask is as it was"
    lock.free()


def test_every_place_has_a_secret_of_its_own(folder):
    secrets = {secret_of(new_place(folder)) for _ in range(3)}
    assert {len(secret) for secret in secrets} == {64}
    assert len(secrets) == 3
    for place in places(folder):
        clear(place)
        clear(place)
        assert secret_of(place) == ""
    assert places(folder) == []


def test_one_at_a_time_holds_the_lock(folder):
    one, other = BusLock(folder), BusLock(folder)
    assert one.take()
    assert one.take()
    assert not other.take()
    assert (one.is_valid, other.is_valid) == (True, False)
    one.free()
    one.free()
    assert other.take()
    other.free()


def test_no_lock_is_left_open_by_one_who_did_not_get_it(folder):
    holder = BusLock(folder)
    assert holder.take()
    before = open_files()
    for _ in range(20):
        assert not BusLock(folder).take()
    assert open_files() == before
    holder.free()


def test_a_lock_in_a_folder_that_was_replaced_keeps_nobody_out(folder):
    lock = BusLock(folder)
    assert lock.take()
    (folder / "lock").unlink()
    assert not lock.is_valid
    (folder / "lock").touch()
    assert not lock.is_valid
    lock.free()


def test_a_lock_whose_file_is_replaced_while_it_is_taken_is_not_had(folder, monkeypatch):
    really_open = os.open

    def open_and_replace(path, *rest):
        descriptor = really_open(path, *rest)
        monkeypatch.undo()
        path.rename(path.with_name("crashes"))
        path.touch()
        return descriptor

    lock = BusLock(folder)
    monkeypatch.setattr("os.open", open_and_replace)
    assert not lock.take()
    assert lock.take()
    lock.free()


def test_an_unusable_folder_is_an_error_and_no_held_lock(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        BusLock(tmp_path / "nowhere").take()


def test_crashes_are_counted_as_long_as_they_matter(folder):
    (folder / "crashes").write_text(json.dumps([now() - 1000, now() - 10, now() + 1000]))
    assert note_crash(folder, 900) == 2
    assert note_crash(folder, 900) == 3


@pytest.mark.parametrize("found", ["", "{", "7", "null", '["a"]', "[null]", "[[]]"])
def test_nonsense_is_no_crash(folder, found):
    (folder / "crashes").write_text(found)
    assert note_crash(folder, 900) == 1
    assert note_crash(folder, 900) == 2


def test_a_full_disk_does_not_keep_a_crash_from_being_counted(folder, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "crashes").write_text(json.dumps([now() - 10]))
    monkeypatch.setattr(Path, "write_text", full)
    assert note_crash(folder, 900) == 2


def test_last_words_are_told_once(folder):
    assert take_last_words(folder) == ""
    (folder / "last_words").write_bytes(b"why \xff")
    assert take_last_words(folder) == "why \ufffd"
    assert take_last_words(folder) == ""


def test_nobody_is_reached_where_nobody_listens(folder):
    place = new_place(folder)
    before = open_files()
    with pytest.raises(OSError, match="No such file"):
        reach(place)
    assert open_files() == before
    clear(place)
    with pytest.raises(OSError, match="No such file"):
        reach(place)


def test_whoever_does_not_take_calls_holds_up_nobody(folder, monkeypatch):
    monkeypatch.chdir(folder)
    place = new_place(folder)
    with listen(place) as listening:
        listening.listen(0)
        calls = [reach(place)]
        began = time.monotonic()
        with pytest.raises(BlockingIOError):
            calls.extend(reach(place) for _ in range(9))
        assert time.monotonic() - began < 5
        for call in calls:
            call.close()
    clear(place)


LISTENS = (
    "import socket, sys, time, os; os.chdir(sys.argv[1]); s = socket.socket(socket.AF_UNIX);"
    "s.bind('socket'); s.listen(); os.chdir(sys.argv[2]); print(flush=True); time.sleep(60)"
)


@contextmanager
def listener(place, stands_at):
    """Somebody who listens at a place and stands at another."""
    command = [sys.executable, "-c", LISTENS, str(place), str(stands_at)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)
        process.stdout.close()


def test_by_force_the_keeper_who_listens_is_ended_and_its_place_removed(folder):
    place = new_place(folder)
    with listener(place, place) as keeper:
        before = open_files()
        end_by_force(place)
        assert keeper.poll() == -9, "it is gone when this returns, with all that it held open"
    assert open_files() <= before
    assert places(folder) == []
    end_by_force(place)


def test_whoever_listens_and_does_not_stand_there_is_left_alone(folder):
    place = new_place(folder)
    with listener(place, folder) as somebody:
        before = open_files()
        end_by_force(place)
        assert open_files() == before
        assert somebody.poll() is None
        assert places(folder) == [place]
    clear(place)


def test_a_keeper_that_may_not_be_ended_keeps_its_place(folder, monkeypatch):
    def forbidden(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(signal, "pidfd_send_signal", forbidden)
    place = new_place(folder)
    with listener(place, place) as keeper:
        before = open_files()
        end_by_force(place)
        assert open_files() == before
        assert keeper.poll() is None
        assert places(folder) == [place]
    clear(place)


def test_the_place_of_a_keeper_that_ends_at_this_moment_is_removed(folder, monkeypatch):
    place = new_place(folder)
    with listener(place, place) as keeper:

        def late(*_):
            keeper.kill()
            keeper.wait(timeout=30)
            raise ProcessLookupError(errno.ESRCH, "No such process")

        monkeypatch.setattr(signal, "pidfd_send_signal", late)
        end_by_force(place)
        assert places(folder) == []


def test_one_who_is_too_busy_to_be_reached_keeps_its_place(folder, monkeypatch):
    monkeypatch.chdir(folder)
    place = new_place(folder)
    with listen(place), ExitStack() as callers:
        with suppress(BlockingIOError):
            while True:
                callers.enter_context(reach(place))
        end_by_force(place)
        assert places(folder) == [place]
    clear(place)


def test_nobody_ends_himself(folder, monkeypatch):
    monkeypatch.chdir(folder)
    place = new_place(folder)
    with listen(place):
        end_by_force(place)
        assert places(folder) == [place]
    clear(place)


@pytest.mark.parametrize(
    ("number", "user"),
    [
        pytest.param(0, os.geteuid(), id="in another container"),
        pytest.param(1, os.geteuid(), id="the first process"),
        pytest.param(-1, os.geteuid(), id="everybody"),
        pytest.param(None, os.geteuid() + 1, id="somebody else's"),
        pytest.param(2**22 + 1, os.geteuid(), id="ended meanwhile"),
    ],
)
def test_only_a_visible_process_of_the_same_user_is_ended(folder, monkeypatch, number, user):
    place = new_place(folder)
    with listener(place, place) as keeper:
        credentials = struct.pack("3i", keeper.pid if number is None else number, user, 0)
        monkeypatch.setattr(socket.socket, "getsockopt", lambda *_: credentials)
        end_by_force(place)
        assert keeper.poll() is None
        assert places(folder) == [place]
    clear(place)
