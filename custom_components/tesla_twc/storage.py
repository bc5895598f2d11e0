"""What survives a restart: the owner's wishes and the wall connectors that were there.

A file that cannot be understood never keeps the bus from starting. It is set aside, and everything begins at
the safe end: the minimum current, and a bus that is listened to before it is spoken to.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from math import floor
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
import voluptuous as vol

from .const import DOMAIN, LOGGER
from .twc.bus.settings import HARD_CAP_AMPS, RememberedConnector
from .twc.protocol.codes import ProtocolVersion, TwcId
from .wishes import ConnectorWish

VERSION = 1

SAVE_DELAY_SECONDS = 5
"""A change is on disk at the latest so long after it was made; whatever else changes meanwhile goes along."""

ENERGY_PAGE_KWH = 0.2
"""While a car charges, one write to disk covers so much energy."""

_AMPS = vol.All(vol.Coerce(float), vol.Range(min=0, max=HARD_CAP_AMPS))
_WHOLE_AMPS = vol.All(int, vol.Range(min=1, max=HARD_CAP_AMPS))
_OPTIONAL_TEXT = vol.Any(None, str)

_SCHEMA = vol.Schema(
    {
        vol.Required("circuit_limit"): vol.Any(None, _WHOLE_AMPS),
        vol.Required("wishes"): {
            TwcId.parse: {vol.Required("current_limit"): _WHOLE_AMPS, vol.Required("charging_enabled"): bool}
        },
        vol.Required("remembered"): {
            TwcId.parse: {
                vol.Required("version"): vol.All(int, ProtocolVersion),
                vol.Required("rated_amps"): _AMPS,
                vol.Required("sign"): vol.All(int, vol.Range(min=0, max=0xFF)),
                vol.Required("offered_amps"): _AMPS,
                vol.Required("energy_kwh"): vol.Any(None, vol.All(vol.Coerce(float), vol.Range(min=0))),
                vol.Required("serial_number"): _OPTIONAL_TEXT,
                vol.Required("firmware"): _OPTIONAL_TEXT,
                vol.Required("model"): _OPTIONAL_TEXT,
            }
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is kept of one bus."""

    remembered: tuple[RememberedConnector, ...] = ()
    wishes: Mapping[TwcId, ConnectorWish] = field(default_factory=dict)
    circuit_limit: int | None = None
    """A per phase, where the owner lowered it below the configured limit."""

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


class BusStore:
    """The file of one bus."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the config entry."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(hass, VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True)
        self._written: Memory | None = None
        self._waiting: Memory | None = None

    async def async_load(self) -> Memory:
        """Read the file; an unreadable one counts as empty."""
        try:
            stored = await self._store.async_load()
            memory = Memory() if stored is None else _from_json(_SCHEMA(stored))
        except (HomeAssistantError, vol.Invalid, LookupError, TypeError, ValueError) as error:
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
            path.replace(path.with_name(f"{path.name}.unreadable"))

    @callback
    def save_soon(self, memory: Memory) -> None:
        """Write a memory within ``SAVE_DELAY_SECONDS``, if it differs from the last one written."""
        if self._waiting is not None:
            self._waiting = memory
        elif memory != self._written:
            self._waiting = memory
            self._store.async_delay_save(self._take_waiting, SAVE_DELAY_SECONDS)

    def _take_waiting(self) -> dict[str, Any]:
        assert self._waiting is not None
        self._written, self._waiting = self._waiting, None
        return _to_json(self._written)

    async def async_save(self, memory: Memory) -> None:
        """Write a memory now, if it differs from the last one written."""
        if self._waiting is not None or memory != self._written:
            self._written, self._waiting = memory, None
            await self._store.async_save(_to_json(memory))

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()


def _to_json(memory: Memory) -> dict[str, Any]:
    return {
        "circuit_limit": memory.circuit_limit,
        "wishes": {str(twcid): asdict(wish) for twcid, wish in memory.wishes.items()},
        "remembered": {
            str(connector.twcid): _connector_to_json(connector) for connector in memory.remembered
        },
    }


def _connector_to_json(connector: RememberedConnector) -> dict[str, Any]:
    facts = asdict(connector)
    del facts["twcid"]
    return facts


def _from_json(stored: dict[str, Any]) -> Memory:
    return Memory(
        circuit_limit=stored["circuit_limit"],
        wishes={twcid: ConnectorWish(**wish) for twcid, wish in stored["wishes"].items()},
        remembered=tuple(
            RememberedConnector(twcid=twcid, **facts) for twcid, facts in stored["remembered"].items()
        ),
    )
