"""Shows the dashboard and the card a house that is made up, on the page of the real one."""

from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page

MAKE = (Path(__file__).parent / "made_up_houses.js").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class MadeUp:
    """What there is: W, A drawn and A offered of each wall connector, and what the meters tell."""

    connectors: list[tuple[int, float, int]] = field(default_factory=list)
    watts: dict[str, int | None] | None = None
    fuse: int | None = None
    phases: tuple[float | None, ...] = ()
    with_cars: bool = False
    bus: tuple[str, ...] = ()
    """Keys of entities that the house has."""
    hidden: tuple[str, ...] = ()

    charged: tuple[float, float] | None = None
    """kWh of a charge that goes on, as the list told it, and as its sensor shows it; another kWh was charged today."""

    def as_json(self) -> str:
        """Return it for the page."""
        told: dict[str, Any] = {
            "connectors": [{"watts": w, "amps": a, "offered": o} for w, a, o in self.connectors],
            "withCars": self.with_cars,
            "bus": self.bus,
            "hidden": self.hidden,
            "charged": self.charged,
        }
        if self.watts is not None:
            none = dict.fromkeys(("solar", "grid", "battery", "home"))
            sensors = [f"sensor.l{number + 1}" for number in range(len(self.phases))]
            told["house"] = {
                "watts": {**none, **self.watts},
                "fuse": self.fuse,
                "phases": self.phases,
                "entities": {"phases": sensors},
            }
        return json.dumps(told)


async def today(page: Page, house: MadeUp) -> str:
    """Return what the cars have taken today, as the card tells it."""
    script = f"""async () => {{
      const card = document.createElement("tesla-twc-card");
      card.setConfig({{type: "custom:tesla-twc-card", show: ["today"]}});
      card.hass = ({MAKE})({house.as_json()});
      document.body.append(card);
      await new Promise(done => setTimeout(done, 50));
      await card.updateComplete;
      const told = card.shadowRoot.querySelector(".legend .cars").textContent;
      card.remove();
      return told;
    }}"""
    found: str = await page.evaluate(script)
    return found


async def ribbons(page: Page, house: MadeUp) -> list[str]:
    """Return what the picture says of a house, in words."""
    script = f"""async () => {{
      const card = document.createElement("tesla-twc-card");
      card.setConfig({{type: "custom:tesla-twc-card", show: ["flow"]}});
      card.hass = ({MAKE})({house.as_json()});
      document.body.append(card);
      await new Promise(done => setTimeout(done, 50));
      await card.updateComplete;
      const told = [...card.shadowRoot.querySelectorAll("li")].map(one => one.textContent);
      const nodes = [...card.shadowRoot.querySelectorAll(".node .name")].map(one => one.textContent);
      card.remove();
      return [...told, nodes.join(", ")];
    }}"""
    found: list[str] = await page.evaluate(script)
    return found


async def views(page: Page, house: MadeUp) -> list[dict[str, Any]]:
    """Return the views that the dashboard makes of a house."""
    script = f"""async () => {{
      const strategy = customElements.get("ll-strategy-dashboard-tesla-twc");
      return (await strategy.generate({{}}, ({MAKE})({house.as_json()}))).views;
    }}"""
    found: list[dict[str, Any]] = await page.evaluate(script)
    return found
