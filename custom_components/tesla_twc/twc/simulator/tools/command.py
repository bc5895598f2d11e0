"""``twc simulate``: simulated wall connectors for any program that speaks to a serial port or a gateway."""

import argparse
import asyncio
from contextlib import AsyncExitStack, suppress
import os
from pathlib import Path
import signal
import threading
import time

from .. import scene as scenes
from ..line_faults import noisy
from ..scene import KINDS, SCENES, Scene
from .arguments import CommandError, share
from .journal import Journal
from .monitor import BusMonitor
from .server import ControlServer, PtyServer, TcpServer
from .steering import Steering

Address = tuple[str, int]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command to the command line."""
    listing = "\n".join(f"  {name:<8} {text}" for name, text in SCENES.items())
    parser = subparsers.add_parser(
        "simulate",
        help="serve simulated wall connectors on a pseudo-terminal or over TCP",
        description="Serve simulated wall connectors and cars, in real time and on real bytes.",
        epilog=f"scenes:\n{listing}\n\nType help while it runs to see how it can be steered.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve = parser.add_mutually_exclusive_group()
    serve.add_argument(
        "--tcp", metavar="HOST:PORT", type=_address, help="serve like a serial gateway; port 0 is free"
    )
    serve.add_argument(
        "--pty",
        metavar="PATH",
        nargs="?",
        const="",
        help="serve a pseudo-terminal, with PATH as its stable name",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--scene", choices=list(SCENES), default="demo", help="what is on the line (default: demo)"
    )
    what.add_argument(
        "--connectors", metavar="KIND,...", type=_kinds, help=f"or these wall connectors: {', '.join(KINDS)}"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same noise")
    parser.add_argument("--noise", metavar="SHARE%", type=_share, default=0.0, help="share of damaged frames")
    parser.add_argument("--control", metavar="HOST:PORT", type=_address, help="take commands there, too")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted. Returns the exit code."""
    try:
        asyncio.run(serve(args))
    except OSError as error:
        _tell(f"cannot serve: {error}")
        return 1
    return 0


async def serve(args: argparse.Namespace) -> None:
    """Serve until a signal. Raises OSError if the port cannot be served."""
    loop = asyncio.get_running_loop()
    scene = _build(args)
    monitor = BusMonitor(scene.line)
    steering = Steering(scene, monitor)
    async with AsyncExitStack() as stack:
        stop = _stop_signal(loop, stack)
        await _open_port(args, scene, stack)
        if args.control is not None:
            control = ControlServer(steering.run, *args.control)
            await control.start()
            stack.push_async_callback(control.close)
            _tell("commands over TCP at {}:{}".format(*control.address))
        Journal(scene, _tell_event)
        scene.line.sample()
        read_commands(steering, loop)
        await stop.wait()
    _tell("stopped")


def _stop_signal(loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> asyncio.Event:
    """Return what is set by Ctrl-C and by a polite request to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
        stack.callback(loop.remove_signal_handler, number)
    return stop


def _build(args: argparse.Namespace) -> Scene:
    clock = asyncio.get_running_loop()
    if args.connectors is None:
        scene = scenes.build(args.scene, clock, seed=args.seed)
    else:
        scene = Scene(clock, seed=args.seed)
        for kind in args.connectors:
            scene.add(kind)
    if args.noise:
        scene.line.faults = noisy(args.noise)
    return scene


async def _open_port(args: argparse.Namespace, scene: Scene, stack: AsyncExitStack) -> None:
    if args.tcp is not None:
        server = TcpServer(scene.line, *args.tcp)
        await server.start()
        stack.push_async_callback(server.close)
        _tell("serving at socket://{}:{}".format(*server.address))
    else:
        terminal = PtyServer(scene.line, Path(args.pty) if args.pty else None)
        terminal.start()
        stack.callback(terminal.close)
        _tell(f"serving at {terminal.path}")


def read_commands(steering: Steering, loop: asyncio.AbstractEventLoop, source: int = 0) -> None:
    """Read commands from a file descriptor, standard input, beside everything else; its end ends nothing."""

    def carry_out(line: str) -> None:
        try:
            if text := steering.run(line):
                _tell(text)
        except CommandError as error:
            _tell(f"error: {error}")

    def read() -> None:
        rest = b""
        with suppress(OSError, RuntimeError):
            while data := os.read(source, 4096):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(carry_out, line.decode("utf-8", "replace"))

    threading.Thread(target=read, name="commands", daemon=True).start()


def _tell(text: str) -> None:
    """Print a line at once; a reader that has gone is no reason to stop serving."""
    with suppress(BrokenPipeError):
        print(text, flush=True)


def _tell_event(text: str) -> None:
    _tell(f"{time.strftime('%H:%M:%S')} {text}")


def _address(text: str) -> Address:
    host, separator, port = text.rpartition(":")
    if not separator or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f'"{text}" is not HOST:PORT')
    return host.strip("[]") or "127.0.0.1", int(port)


def _kinds(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",")]
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise argparse.ArgumentTypeError(f'there is no "{unknown[0]}"; there are: {", ".join(KINDS)}')
    return kinds


def _share(text: str) -> float:
    try:
        return share(text)
    except CommandError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
