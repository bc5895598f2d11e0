"""Talking to a running Home Assistant as its page does: REST for forms, a websocket for everything else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

from .owner import sign_in


class CommandFailed(Exception):
    """Raised when Home Assistant refuses a websocket command."""


class Client:
    """The owner, signed in."""

    def __init__(self, http: aiohttp.ClientSession, tokens: dict[str, Any]) -> None:
        self.tokens = tokens
        self._http = http

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str) -> AsyncIterator[Self]:
        """Sign in as the owner, whom onboarding created before."""
        async with aiohttp.ClientSession(url) as http:
            tokens = await sign_in(http, url)
            http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            yield cls(http, tokens)

    async def get(self, path: str) -> Any:
        """GET a path below /api/."""
        async with self._http.get(f"/api/{path}", raise_for_status=True) as response:
            return await response.json()

    async def post(self, path: str, **data: Any) -> Any:
        """POST to a path below /api/."""
        async with self._http.post(f"/api/{path}", json=data, raise_for_status=True) as response:
            return await response.json()

    async def delete(self, path: str) -> None:
        """DELETE a path below /api/."""
        async with self._http.delete(f"/api/{path}", raise_for_status=True):
            pass

    async def remove_entry(self, entry_id: str) -> None:
        """Delete an integration's entry, as its menu on the page does."""
        await self.delete(f"config/config_entries/entry/{entry_id}")

    async def command(self, kind: str, **data: Any) -> Any:
        """Send a websocket command and return its result. Raises CommandFailed.

        Each command has a connection of its own: one that nobody reads from is closed after a minute.
        """
        async with self._http.ws_connect("/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.tokens["access_token"]})
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": kind, **data})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise CommandFailed(f"{kind}: {answer['error']}")
        return answer["result"]

    async def act(self, domain: str, action: str, entity_id: str, **data: Any) -> None:
        """Perform an action on an entity."""
        target = {"entity_id": entity_id}
        await self.command("call_service", domain=domain, service=action, target=target, service_data=data)

    async def state(self, entity_id: str) -> str:
        """Return what an entity shows."""
        answer = await self.get(f"states/{entity_id}")
        return str(answer["state"])

    async def wait_for(self, entity_id: str, accept: Callable[[str], bool], *, seconds: float = 120) -> str:
        """Return what an entity shows as soon as ``accept`` likes it. Raises TimeoutError."""
        state = "nothing"
        try:
            async with asyncio.timeout(seconds):
                while not accept(state := await self.state(entity_id)):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise TimeoutError(f"{entity_id} still shows {state} after {seconds} s") from None
        return state
