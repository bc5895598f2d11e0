"""The command ``twc simulate``, inside this process and as another one."""

import argparse
import asyncio
import os
from pathlib import Path
import re
import signal
import subprocess
import sys

import pytest
from twc.simulator.scene import build
from twc.simulator.tools import command
from twc.simulator.tools.monitor import BusMonitor
from twc.simulator.tools.steering import Steering

PACKAGE = Path(command.__file__).resolve().parents[3]
PATIENCE_SECONDS = 30
START = "import sys; sys.path.append(sys.argv.pop(1)); from twc.__main__ import main; main()"


def parse(*arguments):
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["simulate", *arguments])


async def until(text, capsys, seen):
    """Wait for a line of output; returns what was printed up to it."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not re.search(text, seen[0]):
            await asyncio.sleep(0.01)
            seen[0] += capsys.readouterr().out
    return re.search(text, seen[0])


async def test_it_serves_over_tcp_takes_commands_and_ends_politely(capsys):
    seen = [""]
    serving = asyncio.create_task(
        command.serve(parse("--tcp", "127.0.0.1:0", "--control", ":0", "--scene", "pair"))
    )
    bus = await until(r"serving at socket://127\.0\.0\.1:(\d+)", capsys, seen)
    control = await until(r"commands over TCP at 127\.0\.0\.1:(\d+)", capsys, seen)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(bus[1]))
    assert b"\xfd\xe2\x45\x80" in await reader.readuntil(b"\xfd\xe2\x45\x80")
    _, steering = await asyncio.open_connection("127.0.0.1", int(control[1]))
    steering.write(b"plug 2 zoe\n")
    await until(r"\d\d:\d\d:\d\d 2: Zoe plugged in\n", capsys, seen)
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    await until("stopped", capsys, seen)
    for stream in (writer, steering):
        stream.close()


async def test_it_serves_a_terminal_with_the_wall_connectors_it_is_told(capsys, tmp_path):
    seen = [""]
    path = tmp_path / "ttyTWC"
    args = parse("--pty", str(path), "--connectors", "p1, us", "--noise", "5%", "--seed", "3")
    serving = asyncio.create_task(command.serve(args))
    await until(f"serving at {path}", capsys, seen)
    await until("1: on the line as 4580", capsys, seen)
    await until("2: on the line as 3495", capsys, seen)
    assert path.is_symlink()
    os.kill(os.getpid(), signal.SIGINT)
    await serving
    assert not path.is_symlink()


def test_without_arguments_it_serves_the_demo_on_a_terminal():
    args = parse()
    assert (args.scene, args.tcp, args.pty, args.control, args.noise) == ("demo", None, None, None, 0.0)


def test_a_port_that_cannot_be_served_is_an_error_and_not_a_traceback(capsys, tmp_path):
    taken = tmp_path / "precious"
    taken.write_text("data")
    assert command.run(parse("--pty", str(taken))) == 1
    assert capsys.readouterr().out.startswith("cannot serve: ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--tcp", "4000"], '"4000" is not HOST:PORT'),
        (["--tcp", "localhost:70000"], '"localhost:70000" is not HOST:PORT'),
        (["--connectors", "p2,p3"], 'there is no "p3"; there are: p2, '),
        (["--noise", "lots"], '"lots" is not a number of per cent'),
        (["--scene", "opera"], "invalid choice: 'opera'"),
        (["--tcp", ":1", "--pty"], "not allowed with"),
    ],
)
def test_every_wrong_argument_is_named(capsys, arguments, complaint):
    with pytest.raises(SystemExit):
        parse(*arguments)
    assert complaint in capsys.readouterr().err


def test_help_explains_the_scenes(capsys):
    with pytest.raises(SystemExit):
        parse("--help")
    assert "two EU wall connectors; two cars come, charge and go" in capsys.readouterr().out


async def test_commands_come_from_standard_input_too(capsys):
    loop = asyncio.get_running_loop()
    scene = build("single", loop)
    seen = [""]
    source, typist = os.pipe()
    command.read_commands(Steering(scene, BusMonitor(scene.line)), loop, source)
    os.write(typist, b"plug 1 zoe\nstat")
    os.write(typist, b"us\nplug 9\n")
    await until("state 0. .*Zoe 20%", capsys, seen)
    await until('error: there is no wall connector "9"', capsys, seen)
    os.close(typist)
    scene.remove(1)


def test_it_runs_as_a_program_of_its_own_until_it_is_told_to_stop():
    program = subprocess.Popen(
        [sys.executable, "-c", START, str(PACKAGE), "simulate", "--scene", "single"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = program.stdout.readline()
        assert re.fullmatch(r"serving at /dev/pts/\d+\n", first)
        program.stdin.write("status\n")
        program.stdin.flush()
        while "state 00 ready" not in program.stdout.readline():
            pass
        program.send_signal(signal.SIGINT)
        assert program.stdout.read().endswith("stopped\n")
        assert program.wait(PATIENCE_SECONDS) == 0
    finally:
        program.kill()
        program.wait()
        program.stdin.close()
        program.stdout.close()
