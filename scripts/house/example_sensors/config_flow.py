"""Adds the sensors without a question."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class ExampleSensorsFlow(ConfigFlow, domain="example_sensors"):
    """One entry has them all."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask nothing."""
        return self.async_create_entry(title="Example sensors", data={})
