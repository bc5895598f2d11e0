"""The process that is started: its parent does not wait for it, and it leaves nothing but its last words."""

import asyncio
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from twc.keeper import __main__ as program, keeper as keeper_module
from twc.keeper.folder import listen, new_place, places, take_last_words
from twc.keeper.launch import start


class ChildEnded(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def child(folder, monkeypatch):
    """Let this process be the child."""

    def end(status):
        raise ChildEnded(status)

    monkeypatch.chdir(".")
    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(os, "setsid", lambda: None)
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(keeper_module, "LONELY_SECONDS", 0.05)
    place = new_place(folder)
    # What the end of a process would close.
    with listen(place) as listening, asyncio.Runner() as runner:
        monkeypatch.setattr(program, "listen", lambda _: listening)
        monkeypatch.setattr(program, "asyncio", SimpleNamespace(Runner=lambda: runner))
        yield place


def test_a_child_to_which_nobody_comes_leaves_nothing(child, folder):
    with pytest.raises(ChildEnded):
        program.main(child)
    assert places(folder) == []
    assert take_last_words(folder) == ""


def test_a_child_that_breaks_down_says_why(child, folder, monkeypatch):
    async def break_down(*_):
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(keeper_module.Keeper, "run", break_down)
    with pytest.raises(ChildEnded):
        program.main(child)
    assert places(folder) == []
    assert take_last_words(folder).endswith("RuntimeError: nobody thought of this\n")


def test_the_parent_returns_at_once(child, monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: 4711)
    program.main(child)
    assert (child / "socket").exists()
    for left in child.iterdir():
        left.unlink()
    child.rmdir()


def test_a_keeper_that_cannot_begin_is_an_error(folder, tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        start(tmp_path / "nowhere")


def test_an_interpreter_that_is_gone_is_an_error(folder, monkeypatch):
    place = new_place(folder)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(OSError, match="/nowhere/python"):
        start(place)
    for left in place.iterdir():
        left.unlink()
    place.rmdir()
