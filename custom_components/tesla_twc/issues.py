"""What the owner has to go and put right, shown under Repairs as long as it is so."""

from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .deciding import Deciding
from .twc.bus.snapshot import BusSnapshot, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong, and with which parts of the bus."""

    key: str
    """The translation key."""
    subject: str = ""
    """Which wall connector, where it concerns one."""
    placeholders: dict[str, str] = field(default_factory=dict)


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

    def _complaints(self, bus: BusSnapshot | None) -> list[Complaint]:
        return [] if bus is None else complaints(bus, self._entry.title)

    @callback
    def show(self, bus: BusSnapshot | None, deciding: Deciding | None) -> None:
        """Create what is new and delete what is over; without a bus, everything is over."""
        wrong = {self._issue_id(complaint): complaint for complaint in (self._complaints(bus))}
        for issue_id in self._open.keys() - wrong.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        for issue_id, complaint in wrong.items():
            if self._open.get(issue_id) != complaint:
                ir.async_create_issue(
                    self._hass,
                    DOMAIN,
                    issue_id,
                    is_fixable=False,
                    severity=ir.IssueSeverity.ERROR,
                    translation_key=complaint.key,
                    translation_placeholders=complaint.placeholders,
                )
        self._open = wrong

    def _issue_id(self, complaint: Complaint) -> str:
        return f"{complaint.key}_{self._entry.entry_id}{complaint.subject}"
