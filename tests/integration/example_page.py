"""The pages in docs/examples, followed by the letter: every screen, every field, every sentence and every figure."""

from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components import tesla_twc
from tests.integration.dialogue_texts import STRINGS

EXAMPLES = Path(tesla_twc.__file__).parents[2] / "docs" / "examples"
TEXTS = STRINGS["options"]["step"]
ARROW = " → "
_IN_ORDER = re.compile(r"^> (?!-)(.*)$", re.MULTILINE)
_YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Page:
    """One page; what was done and seen and is not on it is missing."""

    def __init__(self, name: str) -> None:
        self.text = (EXAMPLES / name).read_text(encoding="utf-8")
        self.missing: list[str] = []

    def must_tell(self, line: str) -> None:
        """Note a line that an owner needs and does not find."""
        if line not in self.text.splitlines():
            self.missing.append(line)

    def must_count(self, what: str, value: float, *, off_by: float) -> None:
        """Note a figure that has moved by more than ``off_by`` since it was measured."""
        found = re.search(rf"^\| {re.escape(what)} \| ([0-9.]+)", self.text, re.MULTILINE)
        if found is None or abs(float(found[1]) - value) > off_by:
            self.missing.append(f"| {what} | {value:.1f} |".replace(".0 |", " |"))

    def must_tell_in_order(self, number: int, words: list[str]) -> None:
        """Note if what its line of that number tells did not happen in this order, with or without more in between."""
        told = _IN_ORDER.findall(self.text)
        left = iter(words)
        if number >= len(told) or not all(word in left for word in told[number].split(ARROW)):
            self.missing.append(f"> {ARROW.join(words)}")

    def yaml(self) -> list[Any]:
        """Return everything that can be copied from it."""
        return [yaml.safe_load(block) for block in _YAML.findall(self.text)]

    def check(self) -> None:
        """Fail if something is missing."""
        assert not self.missing, "the page does not say:\n" + "\n".join(self.missing)


class Screens:
    """The options of an entry, gone through with a page in the hand."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, page: Page) -> None:
        self._hass, self._entry, self._page = hass, entry, page
        self._result: ConfigFlowResult = {}  # type: ignore[typeddict-item]

    async def open(self, menu: str) -> None:
        """Press Configure and choose from the menu."""
        self._result = await self._hass.config_entries.options.async_init(self._entry.entry_id)
        await self._go(next_step_id=menu)

    async def _go(self, **answer: Any) -> None:
        flow_id = self._result["flow_id"]
        self._result = await self._hass.config_entries.options.async_configure(flow_id, answer)

    @property
    def step(self) -> str:
        """Which screen is shown."""
        return self._result["step_id"]

    async def answer(self, **answers: Any) -> None:
        """Fill in what the page says, and leave the rest as it is proposed."""
        schema = self._result["data_schema"]
        assert schema is not None
        proposed = {}
        for key, selector in schema.schema.items():
            if key.description and "suggested_value" in key.description:
                proposed[str(key)] = key.description["suggested_value"]
            if str(key) in answers:
                self._page.must_tell(self._row(str(key), selector, answers[str(key)]))
        given = {key: value for key, value in {**proposed, **answers}.items() if value is not None}
        await self._go(**given)
        assert not self._result.get("errors"), self._result["errors"]

    def _row(self, key: str, selector: Any, value: Any) -> str:
        texts = TEXTS[self.step]
        return f"| {texts['title']} | {texts['data'][key]} | {_shown(selector.config, value)} |".replace(
            "{name}", self._placeholder("name")
        )

    def _placeholder(self, name: str) -> str:
        return (self._result.get("description_placeholders") or {}).get(name, "")

    async def leave_the_rest(self) -> None:
        """Take everything that is asked until the last screen as it is proposed."""
        while self.step != "site_check":
            await self.answer()

    async def save(self) -> None:
        """Read what was understood, agree and finish."""
        assert self.step == "site_check"
        for line in self._placeholder("understood").splitlines():
            self._page.must_tell(f"> {line}")
        await self._go(next_step_id="site_save")
        if self._result["type"] is FlowResultType.MENU:
            await self._go(next_step_id="site_mode_keep")
        self.finished()
        await self._hass.async_block_till_done()

    def finished(self) -> None:
        """Expect that it has been saved."""
        assert self._result["type"] is FlowResultType.CREATE_ENTRY


def _shown(config: Any, value: Any) -> str:
    """Return a value as a page writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(f"`{one}`" for one in value)
    if "translation_key" in config:
        return str(STRINGS["selector"][config["translation_key"]]["options"][value])
    if "options" in config:
        labels = [option for option in config["options"] if isinstance(option, dict)]
        return next((str(option["label"]) for option in labels if option["value"] == value), str(value))
    if isinstance(value, str):
        return f"`{value}`"
    return f"{value:g} {config.get('unit_of_measurement', '')}".rstrip()
