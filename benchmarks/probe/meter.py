"""Shows the sensors of a meter as its integration would: all of them at once, with each report."""

from homeassistant.core import HomeAssistant, ServiceCall, callback


def install(hass: HomeAssistant) -> None:
    """Take reports: for each entity id a state and attributes."""

    @callback
    def report(call: ServiceCall) -> None:
        for entity_id, (state, attributes) in call.data["sensors"].items():
            hass.states.async_set(entity_id, state, attributes)

    hass.services.async_register("probe", "report", report)
