"""Tells the page *System information* of every bus: enough to see at a glance where to look."""

from collections.abc import Callable, Iterable
from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN
from .coordinator import TwcConfigEntry
from .registry.house_entry import bus_entries
from .registry.naming import bus_name
from .runtime.availability import is_heard
from .twc.bus.snapshot import BusPhase, BusRole, BusSnapshot, LineHealth

_LINE = {
    LineHealth.SILENT: "nothing is heard",
    LineHealth.ECHO: "only our own words are heard",
    LineHealth.NOISE: "only noise is heard",
    LineHealth.DAMAGED: "many frames are damaged",
    LineHealth.UNHEARD: "heard, but nobody answers",
}
_ROLE = {
    BusRole.CONTROL: "",
    BusRole.LISTEN: ", only listened to",
    BusRole.JOIN: ", joined as an idle wall connector",
}
"""The same words in every language, as for everything that a bug report is read from."""


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Offer the facts."""
    register.async_register_info(_async_facts)


async def _async_facts(hass: HomeAssistant) -> dict[str, Any]:
    """Return the facts of all buses; with several, each fact says whose it is. Nothing is asked on a bus for it."""
    integration = await async_get_integration(hass, DOMAIN)
    entries: list[TwcConfigEntry] = bus_entries(hass, include_disabled=False)
    facts: dict[str, Any] = {"version": str(integration.version)}
    if entries:
        ports = _of_each(hass, entries, _port)
        well = all(_is_connected(entry) for entry in entries)
        facts["port"] = ports if well else {"type": "failed", "error": ports}
    running = [entry for entry in entries if entry.state is ConfigEntryState.LOADED]
    if running:
        facts["connectors"] = _of_each(hass, running, _of_bus(_connectors))
        facts["bus_quality"] = _of_each(hass, running, _of_bus(_quality))
        facts["longest_gap"] = _of_each(hass, running, _of_bus(_longest_gap))
    return facts


def _of_each(
    hass: HomeAssistant, entries: Iterable[TwcConfigEntry], fact: Callable[[TwcConfigEntry], str]
) -> str:
    told = [(bus_name(hass, entry), fact(entry)) for entry in entries]
    return told[0][1] if len(told) == 1 else "; ".join(f"{title}: {value}" for title, value in told)


def _of_bus(fact: Callable[[BusSnapshot], str]) -> Callable[[TwcConfigEntry], str]:
    return lambda entry: fact(entry.runtime_data.latest())


def _is_connected(entry: TwcConfigEntry) -> bool:
    return entry.state is ConfigEntryState.LOADED and _phase(entry) is not BusPhase.DISCONNECTED


def _phase(entry: TwcConfigEntry) -> BusPhase:
    return entry.runtime_data.latest().phase


def _port(entry: TwcConfigEntry) -> str:
    if entry.state is not ConfigEntryState.LOADED:
        return f"not open ({entry.state.value.replace('_', ' ')})"
    match _phase(entry):
        case BusPhase.DISCONNECTED:
            return "lost, trying to open it again"
        case BusPhase.MUTED:
            return "connected, silent for another controller"
    return f"connected{_ROLE[entry.runtime_data.role]}"


def _connectors(bus: BusSnapshot) -> str:
    heard = sum(is_heard(bus, connector) for connector in bus.connectors.values())
    return f"{heard} of {len(bus.connectors)}"


def _quality(bus: BusSnapshot) -> str:
    if (fault := _LINE.get(bus.line)) is not None:
        return fault
    shares = {
        twcid: connector.answered_share
        for twcid, connector in bus.connectors.items()
        if connector.answered_share is not None
    }
    told = ", ".join(f"{twcid} {share:.0%}" for twcid, share in shares.items())
    return told or "not known yet"


def _longest_gap(bus: BusSnapshot) -> str:
    gap = bus.longest_gap_seconds
    return "not known yet" if gap is None else f"{gap:.1f} s"
