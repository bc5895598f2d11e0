"""What the owner has to go and put right, shown under Repairs as long as it is so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .deciding import Deciding
from .site_issues import Silence, cannot_stop, meter_fault, silent_sensors
from .twc.bus.snapshot import BusSnapshot, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong, and with which parts of the bus."""

    key: str
    """The translation key."""
    subject: str = ""
    """Which wall connector, where it concerns one."""
    placeholders: dict[str, str] = field(default_factory=dict)
    is_fixable: bool = False
    """Whether Home Assistant itself can put it right, once its owner says how."""
    is_error: bool = True
    """Whether something does not work at all; otherwise it works, and not as its owner means it."""


def complaints(bus: BusSnapshot, name: str) -> list[Complaint]:
    """Return everything that is wrong on a bus and that only its owner, who calls it ``name``, can put right."""
    found = []
    if bus.foreign_controller is not None:
        address = str(bus.foreign_controller)
        found.append(Complaint(key="foreign_controller", placeholders={"bus": name, "controller": address}))
    if bus.refused:
        twcids = ", ".join(map(str, bus.refused))
        found.append(Complaint(key="too_many_connectors", placeholders={"bus": name, "twcids": twcids}))
    for twcid, connector in bus.connectors.items():
        if connector.problem in (Problem.DUPLICATE_ID, Problem.OVERDRAWING):
            found.append(
                Complaint(
                    key=connector.problem.value,
                    subject=f"_{twcid}",
                    placeholders={"bus": name, "twcid": str(twcid)},
                )
            )
    return found


class Repairs:
    """The issues of one bus in Home Assistant's issue registry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Nothing is wrong yet."""
        self._hass = hass
        self._entry = entry
        self._open: dict[str, Complaint] = {}
        self._silence = Silence()

    @callback
    def show(self, bus: BusSnapshot | None, deciding: Deciding | None) -> None:
        """Create what is new and delete what is over; without a bus, everything is over."""
        found = [] if bus is None else complaints(bus, self._entry.title)
        if bus is not None and deciding is not None:
            found += self._about_charging(bus, deciding)
        wrong = {self._issue_id(complaint): complaint for complaint in found}
        for issue_id in self._open.keys() - wrong.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        for issue_id, complaint in wrong.items():
            if self._open.get(issue_id) != complaint:
                self._create(issue_id, complaint)
        self._open = wrong

    def _about_charging(self, bus: BusSnapshot, deciding: Deciding) -> list[Complaint]:
        """Return what keeps the cars from following the sun as their owner means it."""
        found = [self._warning("cannot_stop", twcid=str(twcid)) for twcid in cannot_stop(deciding.inputs)]
        if (since := self._silence.look(deciding.decision, bus.now)) is not None:
            sensors = ", ".join(silent_sensors(deciding.decision, self._entry.options))
            found.append(self._warning("stale_input", is_fixable=False, sensors=sensors, since=since))
        if (
            fault := meter_fault(deciding.engine.meter.verdict, deciding.site, self._entry.options)
        ) is not None:
            found.append(self._warning(fault.key, is_fixable=fault.is_fixable, sensor=fault.sensors))
        return found

    def _warning(self, key: str, *, is_fixable: bool = True, **placeholders: str) -> Complaint:
        subject = f"_{placeholders['twcid']}" if "twcid" in placeholders else ""
        return Complaint(
            key=key,
            subject=subject,
            placeholders={"bus": self._entry.title, **placeholders},
            is_fixable=is_fixable,
            is_error=False,
        )

    def _create(self, issue_id: str, complaint: Complaint) -> None:
        data: Mapping[str, str] = {"entry_id": self._entry.entry_id, **complaint.placeholders}
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={**data} if complaint.is_fixable else None,
            is_fixable=complaint.is_fixable,
            severity=ir.IssueSeverity.ERROR if complaint.is_error else ir.IssueSeverity.WARNING,
            translation_key=complaint.key,
            translation_placeholders=complaint.placeholders,
        )

    def _issue_id(self, complaint: Complaint) -> str:
        return f"{complaint.key}_{self._entry.entry_id}{complaint.subject}"
