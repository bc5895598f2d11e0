"""Starts the keeper process: it listens, detaches from its parent, and stands by."""

import asyncio
import logging
import os
from pathlib import Path
import sys
import traceback

from .folder import LAST_WORDS, clear, listen
from .keeper import Keeper


class _FirstError(logging.Handler):
    """Keeps the first error that did not end the process, for the next Home Assistant to log."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.ERROR)
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        if not self._path.exists():
            self._path.write_text(self.format(record))


def main(place: Path) -> None:
    """Fork a process that stands by in a session of its own, and return in the parent once the socket listens."""
    listening = listen(place)
    if os.fork():
        return
    os.setsid()
    listening.listen()  # once more: the kernel tells callers which process listened last
    told = _FirstError(place.parent / LAST_WORDS)
    logging.getLogger().addHandler(told)
    try:
        asyncio.Runner().run(Keeper(place).run(listening))
    except BaseException:  # noqa: BLE001
        # No parent sees this exception, so it is written to a file that the next Home Assistant logs.
        (place.parent / LAST_WORDS).write_text(traceback.format_exc())
    finally:
        logging.getLogger().removeHandler(told)
        clear(place)
        # The usual way out would wait for a driver that does not close its port.
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
