"""Start of the process: it listens, steps out of its parent's sight, and stands by."""

import asyncio
import os
from pathlib import Path
import sys
import traceback

from .folder import LAST_WORDS, clear, listen
from .keeper import Keeper


def main(place: Path) -> None:
    """Return in the parent as soon as the socket listens; the child is nobody's child and stands by."""
    listening = listen(place)
    if os.fork():
        return
    os.setsid()
    listening.listen()  # once more: the kernel tells callers which process listened last
    try:
        asyncio.Runner().run(Keeper(place).run(listening))
    except BaseException:  # noqa: BLE001
        # Nobody waits for this process: the next Home Assistant reads it and tells it.
        (place.parent / LAST_WORDS).write_text(traceback.format_exc())
    finally:
        clear(place)
        # The usual way out would wait for a driver that does not close its port.
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
