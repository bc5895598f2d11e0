"""The command line: ``python -m twc``, or ``scripts/twc``. Works on any machine, without Home Assistant."""

import argparse
from collections.abc import Sequence
from importlib import import_module
import os
from pathlib import Path
import sys

COMMANDS = {
    "decode": (".decode", "read frames in hex from standard input, print JSON"),
    "monitor": (".monitor", "listen to a port without sending, print what is heard"),
    "replay": (".diagnosis.command", "say downloaded diagnostics once more to the controller of today"),
    "simulate": (".simulator.tools.command", "serve simulated wall connectors to other programs"),
}
"""Each module has add_parser() and run(). Only the wanted one is imported: decode starts in milliseconds."""

INTERRUPTED = 130
READER_GONE = 141
"""The exit codes that shells give to programs ended by Ctrl-C and by a closed pipe."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code: 0 for success, 2 for a mistake in the arguments."""
    _let_the_standard_library_win()
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog="twc", description="Tools for Tesla Wall Connectors of the second generation on an RS-485 bus."
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = None
    for name, (module, summary) in COMMANDS.items():
        if arguments and arguments[0] == name:
            wanted = import_module(module, __package__)
            wanted.add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    parsed = parser.parse_args(arguments)
    assert wanted is not None, "argparse lets no other command pass"
    try:
        code: int = wanted.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        # A reader such as head has seen enough. Nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _let_the_standard_library_win() -> None:
    """Look into the integration's folder last: a platform such as select.py would hide a module that asyncio needs."""
    folder = Path(__file__).resolve().parents[1]
    ours = [entry for entry in sys.path if Path(entry or ".").resolve() == folder]
    sys.path[:] = [entry for entry in sys.path if entry not in ours] + ours


if __name__ == "__main__":
    sys.exit(main())
