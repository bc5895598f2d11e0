"""Whether everything a dialogue shows has English words, and every placeholder in them a value."""

import json
from pathlib import Path
import string
from typing import Any

from homeassistant.config_entries import (
    ConfigEntriesFlowManager,
    ConfigSubentryFlowManager,
    OptionsFlowManager,
)
from homeassistant.data_entry_flow import FlowManager, FlowResultType
from homeassistant.helpers.selector import SelectSelector

from custom_components import tesla_twc

DOMAIN = "tesla_twc"
STRINGS: dict[str, Any] = json.loads(
    (Path(tesla_twc.__file__).parent / "translations" / "en.json").read_text(encoding="utf-8")
)


def check_texts(manager: FlowManager, result: dict[str, Any]) -> None:
    """Fail if a dialogue of this integration shows something that has no words."""
    if isinstance(manager, ConfigEntriesFlowManager) and result["handler"] == DOMAIN:
        texts = STRINGS["config"]
    elif isinstance(manager, OptionsFlowManager) and _belongs_to_us(manager, result["handler"]):
        texts = STRINGS["options"]
    elif isinstance(manager, ConfigSubentryFlowManager) and _belongs_to_us(manager, result["handler"][0]):
        texts = STRINGS["config_subentries"][result["handler"][1]]
    else:
        return
    values = set(result.get("description_placeholders") or {})
    for text in shown_texts(texts, result):
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert named <= values, f"no value for {named - values} in: {text}"


def _belongs_to_us(manager: OptionsFlowManager | ConfigSubentryFlowManager, entry_id: str) -> bool:
    entry = manager.hass.config_entries.async_get_entry(entry_id)
    return entry is not None and entry.domain == DOMAIN


def shown_texts(texts: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """Return every text of a flow that one step of it shows. Raises KeyError if one is missing."""
    if result["type"] is FlowResultType.ABORT:
        return [] if result.get("translation_domain") else [texts["abort"][result["reason"]]]
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        return [texts["progress"][result["progress_action"]]]
    if result["type"] not in (FlowResultType.FORM, FlowResultType.MENU):
        return []
    step = texts["step"][result["step_id"]]
    shown = [step["title"], step.get("description", "")]
    if result["type"] is FlowResultType.MENU:
        assert set(step.get("menu_option_descriptions", {})) <= set(step["menu_options"])
        return shown + [step["menu_options"][option] for option in result["menu_options"]]
    for field, selector in result["data_schema"].schema.items():
        shown += [step["data"][field], step["data_description"][field]]
        if isinstance(selector, SelectSelector) and (key := selector.config.get("translation_key")):
            shown += [STRINGS["selector"][key]["options"][option] for option in selector.config["options"]]
    return shown + [texts["error"][error] for error in (result["errors"] or {}).values()]
