"""What survives a restart: the owner's wishes and the wall connectors that were there.

A file that cannot be understood never keeps the bus from starting. It is set aside, and everything begins at
the safe end: the minimum current, and a bus that is listened to before it is spoken to.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from math import floor, isfinite
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
import voluptuous as vol

from . import connection
from .const import DOMAIN, LOGGER
from .twc.bus.clock import Handle
from .twc.bus.settings import HARD_CAP_AMPS, MINIMUM_AMPS, RememberedConnector
from .twc.charging.coach import CoachMemory
from .twc.charging.engine import EngineMemory
from .twc.charging.ledger import Wear
from .twc.charging.settings import ChargeMode
from .twc.protocol.codes import ProtocolVersion, TwcId
from .wishes import ConnectorWish, SiteWish

VERSION = 1

SAVE_DELAY_SECONDS = 5.0
"""What must be known after a crash is on disk at the latest so long after it happened."""

PATIENT_SECONDS = 300.0
"""Everything else is: memory cards wear out."""

ENERGY_PAGE_KWH = 0.2
"""While a car charges, one write to disk covers at least so much energy."""


def _number(value: Any) -> float:
    """Take a finite number, and no text or truth value that could be made one."""
    if type(value) not in (int, float) or not isfinite(value):
        raise vol.Invalid("expected a number")
    return float(value)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise vol.Invalid("expected a whole number")
    return value


_OFFER = vol.All(_number, vol.Range(min=0, max=HARD_CAP_AMPS))
_RATING = vol.All(_number, vol.Range(min=MINIMUM_AMPS, max=HARD_CAP_AMPS))
_ENERGY = vol.All(_number, vol.Range(min=0, max=2**32))  # the counter has four bytes (protocol.md 2.5)
_LIMIT = vol.All(_whole, vol.Range(min=1, max=HARD_CAP_AMPS))
_TEXT = vol.All(str, vol.Length(max=64))
_PERCENT = vol.All(_whole, vol.Range(min=0, max=100))
_COUNT = vol.All(_whole, vol.Range(min=0))
_SECONDS = vol.All(_number, vol.Range(min=0, max=86_400))

_SCHEMA = vol.Schema(
    {
        vol.Optional("device", default=""): str,
        vol.Required("circuit_limit"): vol.Any(None, _LIMIT),
        vol.Required("wishes"): {
            TwcId.parse: {
                vol.Required("current_limit"): _LIMIT,
                vol.Required("charging_enabled"): bool,
                vol.Optional("charge_mode"): vol.Any(None, vol.Coerce(ChargeMode)),
                vol.Optional("minimum_current"): _LIMIT,
                vol.Optional("priority"): vol.All(_whole, vol.Range(min=1, max=10)),
            }
        },
        vol.Optional("site", default=dict): {
            vol.Optional("charge_mode"): vol.Coerce(ChargeMode),
            vol.Optional("reserve"): vol.All(_whole, vol.Range(min=-20_000, max=20_000)),
            vol.Optional("battery_first_soc"): _PERCENT,
            vol.Optional("battery_helps_soc"): _PERCENT,
            vol.Optional("start_grid_share"): _PERCENT,
            vol.Optional("battery_discharge"): bool,
            vol.Optional("shadow"): bool,
        },
        vol.Optional("learnt", default=dict): {
            vol.Optional("wear", default=dict): {
                TwcId.parse: {vol.Required("closings"): _COUNT, vol.Required("silent_stops"): _COUNT}
            },
            vol.Optional("phases", default=dict): {TwcId.parse: vol.All(_whole, vol.Range(min=1, max=3))},
            vol.Optional("intervals", default=dict): {str: _SECONDS},
            vol.Optional("coach", default=None): vol.Any(
                None,
                {
                    vol.Required("gain"): _number,
                    vol.Required("gain_error"): _number,
                    vol.Required("delay_seconds"): vol.Any(None, _SECONDS),
                },
            ),
        },
        vol.Required("remembered"): {
            TwcId.parse: {
                vol.Required("version"): vol.All(_whole, ProtocolVersion),
                vol.Required("rated_amps"): _RATING,
                vol.Required("sign"): vol.All(_whole, vol.Range(min=0, max=0xFF)),
                vol.Required("offered_amps"): _OFFER,
                vol.Optional("released"): bool,
                vol.Optional("contactor_open"): bool,
                vol.Required("energy_kwh"): vol.Any(None, _ENERGY),
                vol.Required("serial_number"): vol.Any(None, _TEXT),
                vol.Required("firmware"): vol.Any(None, _TEXT),
                vol.Required("model"): vol.Any(None, _TEXT),
            }
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is kept of one bus."""

    remembered: tuple[RememberedConnector, ...] = ()
    wishes: Mapping[TwcId, ConnectorWish] = field(default_factory=dict)
    site: SiteWish = field(default_factory=SiteWish)
    learnt: EngineMemory = field(default_factory=EngineMemory)
    circuit_limit: int | None = None
    """A per phase, where the owner lowered it below the configured limit."""
    device: str = ""
    """The port it was on, without secrets."""

    def with_energy_ahead(self) -> Memory:
        """Return what to write while the bus runs: energy as it may be before the next write.

        After a power cut the lifetime energy goes on from here, and must not fall below what was published.
        """
        return replace(self, remembered=tuple(map(_with_energy_ahead, self.remembered)))


def _with_energy_ahead(connector: RememberedConnector) -> RememberedConnector:
    if connector.energy_kwh is None:
        return connector
    pages = floor(connector.energy_kwh / ENERGY_PAGE_KWH) + 2
    # Never beyond the next whole kWh: that one is the wall connector's own counter to announce.
    ahead = min(round(pages * ENERGY_PAGE_KWH, 3), floor(connector.energy_kwh) + 0.999)
    return replace(connector, energy_kwh=max(ahead, connector.energy_kwh))


def _must_be_known(memory: Memory, written: Memory) -> bool:
    """Whether a crash now would lose what the owner said, or let a wall connector be taken for less than it is."""
    before = {connector.twcid: connector for connector in written.remembered}
    if (memory.wishes, memory.site) != (written.wishes, written.site):
        return True
    if (memory.circuit_limit, memory.learnt.wear) != (written.circuit_limit, written.learnt.wear):
        return True
    if {connector.twcid for connector in memory.remembered} != before.keys():
        return True
    return any(_matters(connector, before[connector.twcid]) for connector in memory.remembered)


def _matters(connector: RememberedConnector, written: RememberedConnector) -> bool:
    """Whether more than the amps and the energy changed, or one of these rose."""
    if connector.offered_amps > written.offered_amps:
        return True
    if connector.energy_kwh is not None and connector.energy_kwh > (written.energy_kwh or 0.0):
        return True
    same = replace(connector, offered_amps=written.offered_amps, energy_kwh=written.energy_kwh)
    return same != written


class BusStore:
    """The file of one bus."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the config entry."""
        self._hass = hass
        self._clock = connection.clock_of(hass)
        self._store: Store[dict[str, Any]] = Store(hass, VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True)
        self._written = Memory()
        self._waiting = self._written
        self._due = 0.0
        self._timer: Handle | None = None
        self._writing: asyncio.Task[None] | None = None

    async def async_load(self) -> Memory:
        """Read the file; an unreadable one counts as empty."""
        try:
            stored = await self._store.async_load()
            memory = Memory() if stored is None else _from_json(_SCHEMA(stored))
        except (
            HomeAssistantError,
            vol.Invalid,
            LookupError,
            OverflowError,
            TypeError,
            ValueError,
        ) as error:
            LOGGER.warning(
                "What was kept of this bus cannot be read and is set aside; limits start at the minimum: %s",
                error,
            )
            await self._hass.async_add_executor_job(self._set_aside)
            memory = Memory()
        self._written = memory
        return memory

    def _set_aside(self) -> None:
        path = Path(self._store.path)
        with suppress(OSError):
            path.replace(self._unreadable)

    @property
    def _unreadable(self) -> Path:
        path = Path(self._store.path)
        return path.with_name(f"{path.name}.unreadable")

    @callback
    def save_soon(self, memory: Memory) -> None:
        """Write a memory in the background, if it differs from what is on disk: the sooner the more it matters."""
        self._waiting = memory
        if self._written in (memory, memory.with_energy_ahead()):
            return
        delay = SAVE_DELAY_SECONDS if _must_be_known(memory, self._written) else PATIENT_SECONDS
        due = self._clock.time() + delay
        if self._timer is None or due < self._due:
            self.cancel()
            self._due = due
            self._timer = self._clock.call_at(due, self._write_waiting)

    @callback
    def cancel(self) -> None:
        """Write nothing more in the background."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @callback
    def save_now(self, memory: Memory) -> None:
        """Write a memory in the background without waiting for anything."""
        self.cancel()
        self._writing = self._hass.async_create_task(self._async_write(memory))

    @callback
    def _write_waiting(self) -> None:
        self.save_now(self._waiting.with_energy_ahead())

    async def async_save(self, memory: Memory) -> None:
        """Write a memory now, if it differs from what is on disk; nothing is written after that."""
        self.cancel()
        if self._writing is not None:
            await self._writing
        await self._async_write(memory)

    async def _async_write(self, memory: Memory) -> None:
        if memory != self._written:
            self._written = memory
            await self._store.async_save(_to_json(memory))

    async def async_remove(self) -> None:
        """Delete the file, also one that was set aside."""
        await self._store.async_remove()
        await self._hass.async_add_executor_job(self._remove_unreadable)

    def _remove_unreadable(self) -> None:
        with suppress(OSError):
            self._unreadable.unlink(missing_ok=True)


def _to_json(memory: Memory) -> dict[str, Any]:
    return {
        "device": memory.device,
        "circuit_limit": memory.circuit_limit,
        "wishes": {str(twcid): asdict(wish) for twcid, wish in memory.wishes.items()},
        "site": asdict(memory.site),
        "learnt": _learnt_to_json(memory.learnt),
        "remembered": {
            str(connector.twcid): _connector_to_json(connector) for connector in memory.remembered
        },
    }


def _learnt_to_json(learnt: EngineMemory) -> dict[str, Any]:
    return {
        "wear": {str(twcid): asdict(wear) for twcid, wear in learnt.wear.items()},
        "phases": {str(twcid): phases for twcid, phases in learnt.phases.items()},
        "intervals": {name: round(seconds, 1) for name, seconds in learnt.intervals.items()},
        "coach": None if learnt.coach is None else asdict(learnt.coach),
    }


def _learnt_from_json(stored: dict[str, Any]) -> EngineMemory:
    return EngineMemory(
        wear={twcid: Wear(**wear) for twcid, wear in stored.get("wear", {}).items()},
        phases=stored.get("phases", {}),
        intervals=stored.get("intervals", {}),
        coach=CoachMemory(**coach) if (coach := stored.get("coach")) else None,
    )


def _connector_to_json(connector: RememberedConnector) -> dict[str, Any]:
    facts = asdict(connector)
    del facts["twcid"]
    return facts


def _from_json(stored: dict[str, Any]) -> Memory:
    return Memory(
        device=stored["device"],
        circuit_limit=stored["circuit_limit"],
        wishes={twcid: ConnectorWish(**wish) for twcid, wish in stored["wishes"].items()},
        site=SiteWish(**stored["site"]),
        learnt=_learnt_from_json(stored["learnt"]),
        remembered=tuple(
            RememberedConnector(twcid=twcid, **facts) for twcid, facts in stored["remembered"].items()
        ),
    )
