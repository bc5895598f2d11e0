"""``scripts/twc simulate`` in a process of its own, steered over its control port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

COMMAND = Path(__file__).resolve().parents[2] / "scripts" / "twc"
START_SECONDS = 30
RULES_ABOUT_PAUSES = ("talked over", "no silence")
NO_RULE = "no rule was broken"


class Simulation:
    """Simulated wall connectors and where to find them."""

    def __init__(self, port: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.port = port
        self._reader = reader
        self._writer = writer

    async def tell(self, command: str) -> str:
        """Carry out a command and return its answer. Raises AssertionError if it is refused."""
        self._writer.write(f"{command}\n".encode())
        answer = []
        while (line := (await self._reader.readline()).decode().rstrip()) != "ok":
            assert line, f"{command}: the simulation is gone"
            assert not line.startswith("error:"), f"{command}: {line}"
            answer.append(line)
        return "\n".join(answer)

    async def broken_rules(self) -> list[str]:
        """Return the rules that were broken, but for those about pauses: a busy machine could break them for us."""
        said = (await self.tell("rules")).splitlines()
        return [line for line in said if not any(rule in line for rule in (*RULES_ABOUT_PAUSES, NO_RULE))]


@asynccontextmanager
async def simulation(*arguments: str) -> AsyncIterator[Simulation]:
    """Run the simulator until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *("simulate", "--control", "127.0.0.1:0", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            port = (await process.stdout.readline()).decode().split("serving at ")[1].strip()
            control = (await process.stdout.readline()).decode().split(" at ")[1].strip()
            reader, writer = await asyncio.open_connection(*control.split(":"))
        talk = asyncio.create_task(process.stdout.read())  # or its pipe would fill up
        yield Simulation(port, reader, writer)
        writer.close()
    finally:
        process.terminate()
        await process.wait()
        await talk
