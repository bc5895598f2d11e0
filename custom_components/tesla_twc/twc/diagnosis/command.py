"""``twc replay``: the frames of downloaded diagnostics in words, and what the controller of today makes of them."""

import argparse
from collections.abc import Mapping
from pathlib import Path
import sys
from typing import TextIO

from ..bus.snapshot import BusRole, BusSnapshot, WallConnectorSnapshot
from ..protocol.describing import describe
from ..protocol.messages import ControllerHeartbeat
from .download import BLANK, Download, Unreadable, read_download
from .rehearsal import WARM_UP_SECONDS, Difference, Rehearsal, Step

DESCRIPTION = """\
Read the diagnostics of a bus as Home Assistant downloads them, and print each of the last frames with its time, its
bytes and its meaning. Then print what the controller of today knows after hearing them, and where it would have sent
another heartbeat than was sent. Times are seconds before the download. Exit code 0: the controller of today would
have sent the same, 1: it would not, or the file cannot be read."""

_ROLES = {
    BusRole.LISTEN: "Home Assistant only listened on this bus",
    BusRole.JOIN: "Home Assistant was an idle wall connector on this bus",
}
_HEX_WIDTH = 3 * 16
"""Most bodies have 16 bytes."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser("replay", help="replay downloaded diagnostics", description=DESCRIPTION)
    parser.add_argument("file", metavar="FILE", type=Path, help="config_entry-tesla_twc-....json")
    parser.add_argument("--quiet", action="store_true", help="leave out the frames")


def run(args: argparse.Namespace) -> int:
    """Replay a file. Returns the exit code."""
    file: Path = args.file
    try:
        download = read_download(file.read_text(encoding="utf-8"))
    except Unreadable as error:
        return _fail(f"{file}: {error}")
    except UnicodeDecodeError:
        return _fail(f"{file}: this is no text file")
    except OSError as error:
        return _fail(f"{file}: {error.strerror}")
    return Report(download, sys.stdout).print(with_frames=not args.quiet)


class Report:
    """Prints what a replay shows."""

    def __init__(self, download: Download, out: TextIO) -> None:
        """Take what to replay and where to print."""
        self._download = download
        self._out = out

    def print(self, *, with_frames: bool) -> int:
        """Replay and print. Returns the exit code."""
        rehearsal = Rehearsal(self._download)
        self._begin()
        for step in rehearsal.steps():
            if with_frames:
                self._line(_frame(step))
        if with_frames:
            self._line("")
        self._knowledge(rehearsal.snapshot())
        self._counters(rehearsal)
        self._comparison(rehearsal)
        return 1 if rehearsal.differences else 0

    def _begin(self) -> None:
        download = self._download
        self._line(f"Taken at {download.taken_at}, integration {download.integration}")
        self._line(f"Home Assistant {download.home_assistant}, {len(download.frames)} frames")
        if download.role is BusRole.CONTROL:
            self._line(f"Circuit limit {download.settings.circuit_limit_amps} A\n")
        else:
            self._line(f"{_ROLES[download.role]}\n")

    def _knowledge(self, bus: BusSnapshot) -> None:
        self._line("What is known today at the end")
        self._line(f"  bus: {bus.phase.value}, line {bus.line.value}")
        if bus.foreign_controller is not None:
            what = "a wall connector" if bus.foreign_is_connector else "another controller"
            self._line(f"  {what} gives orders, too: {bus.foreign_controller}")
        if bus.announced_controller is not None:
            self._line(
                f"  another controller announced itself and gives no orders: {bus.announced_controller}"
            )
        if bus.refused:
            self._line(f"  refused: {', '.join(map(str, bus.refused))}")
        for connector in bus.connectors.values():
            self._line(f"  {connector.twcid}: {_facts(connector)}")
        if not bus.connectors:
            self._line("  no wall connector")

    def _counters(self, rehearsal: Rehearsal) -> None:
        self._line("\nCounted")
        counts: Mapping[str, int] = dict(rehearsal.counts.most_common())
        for name, count in {**counts, "blanked": rehearsal.blanked}.items():
            self._line(f"{count:8}  {name.replace('_', ' ')}")

    def _comparison(self, rehearsal: Rehearsal) -> None:
        self._line("")
        if self._download.role is not BusRole.CONTROL:
            self._line("No orders were given, so there is nothing to compare.")
            return
        if not rehearsal.compared:
            self._line(
                f"Nothing was compared: the record lasts {rehearsal.seconds:.0f} s, and its first "
                f"{WARM_UP_SECONDS:.0f} s rest on what was before."
            )
            return
        heartbeats = f"{rehearsal.compared} heartbeats after the first {WARM_UP_SECONDS:.0f} s"
        if not rehearsal.differences:
            self._line(f"The controller of today would have sent the same {heartbeats}.")
            return
        other = sum(difference.heartbeats for difference in rehearsal.differences)
        self._line(f"The controller of today would have sent {other} other ones of {heartbeats}.")
        self._line(
            "Limits and options that were changed meanwhile are not in the record and look like this, too."
        )
        for difference in rehearsal.differences:
            self._line(_difference(difference))

    def _line(self, text: str) -> None:
        self._out.write(f"{text}\n")


def _frame(step: Step) -> str:
    frame = step.frame
    pairs = " ".join(frame.text[start : start + 2] for start in range(0, len(frame.text), 2))
    return f"{frame.time:10.3f}  {frame.direction.value:8}  {pairs:{_HEX_WIDTH}} {_meaning(step)}".rstrip()


def _meaning(step: Step) -> str:
    if step.message is not None:
        return describe(step.message).sentence
    if step.reason is not None:
        return f"rejected: {step.reason}"
    name = "unknown" if step.frame.code is None else step.frame.code.slug
    return f"{name}, {step.frame.text.count(BLANK)} bytes blanked"


def _facts(connector: WallConnectorSnapshot) -> str:
    facts = [connector.presence.value]
    if connector.state is not None:
        facts.append(connector.state.slug)
    for name, amps in (
        ("offers", connector.offered_amps),
        ("was sent", connector.commanded_amps),
        ("draws", connector.drawn_amps),
        ("counts as", connector.counted_amps),
    ):
        if amps is not None:
            facts.append(f"{name} {amps:g} A")
    facts.append("no problem" if connector.problem is None else f"problem: {connector.problem.value}")
    return ", ".join(facts)


def _difference(difference: Difference) -> str:
    times = f"{difference.first:.1f} s"
    if difference.last != difference.first:
        times += f" to {difference.last:.1f} s"
    would = "nothing" if difference.would is None else _said(difference.would)
    count = "once" if difference.heartbeats == 1 else f"{difference.heartbeats} times"
    return f"  {times}, {difference.twcid}: sent {_said(difference.said)}, would be {would} ({count})"


def _said(heartbeat: ControllerHeartbeat) -> str:
    operation = heartbeat.operation
    return f"{operation.slug} {heartbeat.amps:g} A" if operation.carries_amps else operation.slug


def _fail(sentence: str) -> int:
    sys.stderr.write(f"twc replay: {sentence}\n")
    return 1
