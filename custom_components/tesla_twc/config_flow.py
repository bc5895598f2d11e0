"""Adding a bus, and moving one to another port: choose the port, listen, say what the circuit can carry."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
)
from homeassistant.const import CONF_DEVICE
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow, UnknownFlow
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
)
import voluptuous as vol

from .cars.migration import WITH_CARS
from .const import (
    CONF_BUS_ID,
    CONF_CIRCUIT_LIMIT,
    CONF_CONNECTORS,
    CONF_FOUND,
    CONF_FOUNDER,
    CONF_KIND,
    CONF_MAXIMUM_CURRENT,
    CONF_RATING,
    CONF_ROLE,
    CONF_SPEED,
    DOMAIN,
    KIND_HOUSE,
    NEW_ENTRY_OPTIONS,
    REAL_TIME,
    SIMULATED_DEVICE,
    SUBENTRY_CAR,
)
from .flow import limits
from .flow.cars import CarFlow
from .flow.first_steps import async_lead_on
from .flow.options import HouseOptionsFlow, TwcOptionsFlow
from .flow.scanning import EntryBusy, ScanInterrupted, port_released, scan_line
from .house.sentences import Words, async_words
from .one_house.joining import Belonging, belonging, options_of_house
from .port import connection, names as ports
from .registry.bus_id import bus_id, former_bus_id
from .registry.house_entry import bus_entries, is_house, sharing_entries
from .registry.naming import addressed_name, bus_name
from .registry.texts import async_load_texts
from .runtime.role import role_of
from .twc.bus.port.errors import PortProblem
from .twc.bus.port.link import OPEN_ERRORS
from .twc.bus.port.scan import SCAN_SECONDS, HeardConnector, ScanReport, Verdict
from .twc.bus.port.schemes import is_on_network
from .twc.bus.snapshot import BusRole, Presence

PORT_SCHEMA = vol.Schema({vol.Required(CONF_DEVICE): SerialPortSelector()})

SPEEDS = (REAL_TIME, 60)
"""At 60 times, a day passes in 24 minutes."""

SIMULATION_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_SPEED, default=str(REAL_TIME)): SelectSelector(
            SelectSelectorConfig(
                options=[str(speed) for speed in SPEEDS],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_SPEED,
            )
        )
    }
)

STEP_AFTER_SCAN = {
    Verdict.FOUND: "connectors_found",
    Verdict.SILENCE: "nothing_heard",
    Verdict.NOISE: "only_noise",
    Verdict.FOREIGN_CONTROLLER: "foreign_controller",
}

NOTHING_YET = ScanReport(verdict=Verdict.SILENCE)


class TwcConfigFlow(ConfigFlow, domain=DOMAIN):
    """One entry is one bus, or the house that several share. A port is open only while listened to; nothing is sent."""

    VERSION = 1
    MINOR_VERSION = WITH_CARS

    def __init__(self) -> None:
        """Start with no port chosen."""
        self._device = ""
        self._identity = ""
        self._speed: float = REAL_TIME
        self._role = BusRole.CONTROL
        self._rating: int | None = None
        """A per phase that the model of the controller is built for, where its bus is joined."""
        self._scan: asyncio.Task[ScanReport] | None = None
        self._report = NOTHING_YET
        self._chosen: dict[str, Any] = {}
        """What the circuit can carry."""
        self._breakers: dict[str, int] = {}
        """What each wall connector may carry, by TWCID, in A."""
        self._without_breaker: list[HeardConnector] = []
        """Whose own breaker is still to be asked for."""
        self._problem: dict[str, str] = {}
        self._error_text = ""

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> TwcOptionsFlow | HouseOptionsFlow:
        """Return what changes the options of an entry."""
        return HouseOptionsFlow() if is_house(config_entry) else TwcOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what adds a car to a bus and changes it."""
        return {} if is_house(config_entry) else {SUBENTRY_CAR: CarFlow}

    @override
    def is_matching(self, other_flow: Self) -> bool:
        """Tell whether another dialogue is listening to the same port, or has stopped the same entry, right now."""
        if other_flow._scan is None or other_flow._scan.done():
            return False
        entry_id = self.context.get("entry_id")
        same_entry = entry_id is not None and other_flow.context.get("entry_id") == entry_id
        return same_entry or other_flow._identity == self._identity

    @callback
    @override
    def async_remove(self) -> None:
        """Close the port when the dialogue is closed, also while it is just being opened."""
        if self._scan is not None:
            self._scan.cancel()

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether there is hardware."""
        return self.async_show_menu(step_id="user", menu_options=["serial", "simulated"])

    async def async_step_system(self, user_input: Mapping[str, Any]) -> ConfigFlowResult:
        """Make the entry of the house that several buses share; ``user_input`` names the bus whose house it was."""
        await self.async_set_unique_id(KIND_HOUSE)
        self._abort_if_unique_id_configured()
        founder = self.hass.config_entries.async_get_known_entry(user_input[CONF_FOUNDER])
        data = {CONF_KIND: KIND_HOUSE, CONF_FOUNDER: bus_id(founder)}
        options = options_of_house(founder, sharing_entries(self.hass))
        words = await async_words(self.hass)
        return self.async_create_entry(title=words("title_house"), data=data, options=options)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what shall change."""
        if is_house(self._get_reconfigure_entry()):
            return self.async_abort(reason="house_has_no_port")
        data = self._get_reconfigure_entry().data
        self._device, self._speed = data[CONF_DEVICE], data.get(CONF_SPEED, REAL_TIME)
        self._role, self._rating = role_of(data), data.get(CONF_RATING)
        circuit = ["limits"] if self._role is BusRole.CONTROL else []
        role = [] if self._device == SIMULATED_DEVICE else ["role"]
        return self.async_show_menu(step_id="reconfigure", menu_options=["serial", *circuit, *role])

    async def async_step_role(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what we shall be on this bus; the present role asks its questions once more."""
        roles = {BusRole.CONTROL: "control", BusRole.LISTEN: "listen", BusRole.JOIN: "join"}
        del roles[self._role]
        stay = {BusRole.LISTEN: ["stay_listening"], BusRole.JOIN: ["stay_joined"]}
        return self.async_show_menu(step_id="role", menu_options=[*roles.values(), *stay.get(self._role, [])])

    async def async_step_control(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Lead a bus that was only overheard: listen first whether anybody else leads it still."""
        self._role = BusRole.CONTROL
        return await self._async_scan_or_ask_for_port(self._device)

    async def async_step_listen(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Only listen: ask what the figures that are heard mean."""
        return await self._async_step_without_orders("listen", limits.WIRING_SCHEMA, user_input)

    async def async_step_stay_listening(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on listening, perhaps with other answers."""
        return await self.async_step_listen()

    async def async_step_stay_joined(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Remain an idle wall connector, perhaps with other answers."""
        return await self.async_step_join()

    async def async_step_join(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Play an idle wall connector: ask for the rating of the controller's model, which nothing tells."""
        return await self._async_step_without_orders("join", limits.JOIN_SCHEMA, user_input)

    async def _async_step_without_orders(
        self, role: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Ask only for what concerns a bus that we do not lead, and finish."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = limits.suggestions(self._report.connectors)
        if self.source == SOURCE_RECONFIGURE:
            suggested = limits.to_form(self._get_reconfigure_entry().options)
        if self._rating is not None:
            suggested = {**suggested, CONF_RATING: str(self._rating)}
        if user_input is not None:
            suggested = user_input
            if not (errors := limits.fractions(user_input)):
                self._role, self._chosen = BusRole(role), limits.from_form(user_input)
                self._rating = int(user_input[CONF_RATING]) if CONF_RATING in user_input else None
                await self._async_refuse_duplicate()
                return self._tell_of_one_house() or await self._async_finish()
        return self.async_show_form(
            step_id=role,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
        )

    @property
    def _way_on(self) -> str:
        """The step that asks for the rest: what the circuit can carry, or less in the other roles."""
        return "limits" if self._role is BusRole.CONTROL else self._role.value

    async def _async_go_on(self) -> ConfigFlowResult:
        steps = {"limits": self.async_step_limits, "listen": self.async_step_listen}
        return await steps.get(self._way_on, self.async_step_join)()

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the port, and try it at once."""
        if user_input is not None:
            if await self._async_is_served(user_input[CONF_DEVICE]):
                return await self._async_go_on()
            if await self._async_start_scan(user_input[CONF_DEVICE]):
                return await self.async_step_scan()
        errors, self._problem = self._problem, {}
        chosen = {} if self._device in ("", SIMULATED_DEVICE) else {CONF_DEVICE: self._device}
        return self.async_show_form(
            step_id="serial",
            data_schema=self.add_suggested_values_to_schema(PORT_SCHEMA, chosen),
            errors=errors,
            description_placeholders={
                "port": ports.redacted(self._device),
                "error": self._error_text,
                "example": "socket://192.168.1.50:8899",
            },
        )

    async def async_step_simulated(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how fast simulated time shall pass, then listen; the rest is as with real wall connectors."""
        if user_input is not None:
            self._speed = int(user_input[CONF_SPEED])
            return await self._async_scan_or_ask_for_port(SIMULATED_DEVICE)
        return self.async_show_form(step_id="simulated", data_schema=SIMULATION_SCHEMA)

    async def async_step_scan_again(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Listen once more to the same port."""
        return await self._async_scan_or_ask_for_port(self._device)

    async def async_step_scan(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show a moving bar while the scan runs, then go where it leads."""
        scan = self._scan
        assert scan is not None
        if not scan.done():
            return self.async_show_progress(
                step_id="scan",
                progress_action="listen",
                progress_task=scan,
                description_placeholders={
                    "port": ports.redacted(self._device),
                    "seconds": str(round(SCAN_SECONDS)),
                },
            )
        try:
            self._report = scan.result()
        except ScanInterrupted:
            self._problem = {"base": "port_lost_network" if is_on_network(self._device) else "port_lost"}
            return self.async_show_progress_done(next_step_id="serial")
        return self.async_show_progress_done(next_step_id=STEP_AFTER_SCAN[self._report.verdict])

    async def async_step_connectors_found(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """List what was found."""
        if user_input is not None:
            return await self._async_go_on()
        rows = [
            f"| {found.twcid} | {found.rated_amps:g} A | {found.version.value} |"
            for found in self._report.connectors
        ]
        return self.async_show_form(
            step_id="connectors_found",
            data_schema=vol.Schema({}),
            description_placeholders={"connectors": "\n".join(rows)},
            last_step=False,
        )

    async def async_step_nothing_heard(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what may be wrong when not a single byte arrived."""
        return self._show_ways_on("nothing_heard", self._way_on)

    async def async_step_only_noise(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what may be wrong when bytes arrived that no wall connector sends."""
        return self._show_ways_on("only_noise", self._way_on)

    async def async_step_foreign_controller(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the other roles on a bus that has a controller: two would fight over every limit (protocol.md 3.1)."""
        return self._show_ways_on("foreign_controller", "listen", "join")

    async def async_step_limits(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the wiring can carry. Nobody but the owner knows, so there is no default."""
        errors: dict[str, str] = {}
        suggested: Mapping[str, Any] = limits.suggestions(self._report.connectors)
        if self.source == SOURCE_RECONFIGURE:
            suggested = limits.to_form(self._get_reconfigure_entry().options)
        if user_input is not None:
            suggested = user_input
            amps_errors = limits.amps_errors(user_input, CONF_CIRCUIT_LIMIT)
            if not (errors := limits.fractions(user_input) | amps_errors):
                self._chosen = limits.from_form(user_input)
                self._without_breaker = self._to_ask_for_breakers()
                return await self.async_step_own_breaker()
        return self.async_show_form(
            step_id="limits",
            data_schema=self.add_suggested_values_to_schema(limits.SCHEMA, suggested),
            errors=errors,
        )

    async def async_step_own_breaker(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what each of several wall connectors may carry: at F nothing else keeps its own breaker and cable.

        Without a default, as for the circuit.
        """
        if not self._without_breaker:
            # The last thing that is done: another dialogue may have finished while this one was answered.
            await self._async_refuse_duplicate()
            return self._tell_of_one_house() or await self._async_finish()
        heard = self._without_breaker[0]
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := limits.amps_errors(user_input, CONF_MAXIMUM_CURRENT)):
            self._without_breaker.pop(0)
            self._breakers[str(heard.twcid)] = int(user_input[CONF_MAXIMUM_CURRENT])
            return await self.async_step_own_breaker()
        await async_load_texts(self.hass)
        # Until there is an entry nobody has called it anything.
        name = addressed_name(self.hass, self.context.get("entry_id", ""), heard.twcid)
        return self.async_show_form(
            step_id="own_breaker",
            data_schema=self.add_suggested_values_to_schema(limits.OWN_BREAKER_SCHEMA, user_input),
            errors=errors,
            description_placeholders={"name": name, "rating": f"{heard.rated_amps:g}"},
        )

    def _to_ask_for_breakers(self) -> list[HeardConnector]:
        """Return the wall connectors nobody has limited yet. The circuit is enough for a single one."""
        heard = self._report.connectors
        if len(heard) < 2 or self._device == SIMULATED_DEVICE:
            return []
        known = self._options().get(CONF_CONNECTORS, {})
        return [one for one in heard if CONF_MAXIMUM_CURRENT not in known.get(str(one.twcid), {})]

    def _options(self) -> Mapping[str, Any]:
        """What is chosen until now, also elsewhere while this dialogue is open."""
        return (
            self._get_reconfigure_entry().options if self.source == SOURCE_RECONFIGURE else NEW_ENTRY_OPTIONS
        )

    def _show_ways_on(self, step_id: str, *further: str) -> ConfigFlowResult:
        """Explain a scan without the hoped-for result and offer to try again."""
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["scan_again", "serial", *further],
            description_placeholders={
                "port": ports.redacted(self._device),
                "seconds": str(round(SCAN_SECONDS)),
                "controller": str(self._report.foreign_controller),
            },
        )

    async def _async_scan_or_ask_for_port(self, device: str) -> ConfigFlowResult:
        if await self._async_start_scan(device):
            return await self.async_step_scan()
        return await self.async_step_serial()

    async def _async_is_served(self, device: str) -> bool:
        """Whether the entry that is reconfigured has wall connectors on this port at this moment.

        There is nothing to listen for then: they are silent for half a minute after their controller has gone.
        """
        if self.source != SOURCE_RECONFIGURE:
            return False
        entry = self._get_reconfigure_entry()
        device = await self.hass.async_add_executor_job(ports.lasting_name, device)
        if entry.state is not ConfigEntryState.LOADED or device != entry.data[CONF_DEVICE]:
            return False
        connectors = entry.runtime_data.data.connectors.values()
        return any(one.presence is Presence.LINKED for one in connectors)

    async def _async_start_scan(self, device: str) -> bool:
        """Open a port and begin to listen. False if it does not open: then ``_problem`` says why."""
        self._device = await self.hass.async_add_executor_job(ports.lasting_name, device)
        self._report = NOTHING_YET
        await self._async_refuse_duplicate()
        if self.hass.config_entries.flow.async_has_matching_flow(self):
            self._problem = {"base": PortProblem.BUSY.value}
            return False
        opened: asyncio.Future[None] = self.hass.loop.create_future()
        scan = self.hass.async_create_background_task(self._async_scan(opened), f"{DOMAIN} scan")
        self._scan = scan
        either: set[asyncio.Future[Any]] = {scan, opened}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if opened.done():
            return True
        if scan.cancelled():  # by async_remove: the dialogue was closed meanwhile
            raise UnknownFlow
        self._problem = {"base": self._name_problem(scan.exception())}
        return False

    async def _async_scan(self, opened: asyncio.Future[None]) -> ScanReport:
        """Scan the port. An entry that is reconfigured is stopped meanwhile: it may be on the same bus."""
        if self.source == SOURCE_RECONFIGURE:
            async with port_released(self.hass, self._get_reconfigure_entry()):
                return await self._async_listen(opened)
        return await self._async_listen(opened)

    async def _async_listen(self, opened: asyncio.Future[None]) -> ScanReport:
        data = self._entry_data()
        await connection.async_prepare(self.hass, data)
        clock = connection.bus_clock(self.hass, data)
        return await scan_line(
            connection.opener_for(self.hass, self._device),
            clock,
            on_open=lambda: opened.set_result(None),
            on_progress=self.async_update_progress,
        )

    def _name_problem(self, error: BaseException | None) -> str:
        """Return the key of the text that tells why a port did not open. Other errors are bugs and go on."""
        if isinstance(error, EntryBusy):
            return "entry_busy"
        if isinstance(error, ConfigEntryNotReady):  # ESPHome's ports, while ESPHome is not loaded
            return "not_ready"
        if isinstance(error, OPEN_ERRORS):
            closed = ports.why_closed(error, self._device)
            self._error_text = closed.error
            return closed.key
        assert error is not None
        raise error

    async def _async_refuse_duplicate(self) -> None:
        """Abort if another entry has this port, under whichever name."""
        others = [
            entry.data[CONF_DEVICE]
            for entry in bus_entries(self.hass, include_ignore=False)
            if entry.entry_id != self.context.get("entry_id")
        ]
        mine, *theirs = await self.hass.async_add_executor_job(
            lambda: [ports.identity(device) for device in (self._device, *others)]
        )
        self._identity = mine
        if mine in theirs:
            raise AbortFlow("already_configured")

    def _entry_data(self) -> dict[str, Any]:
        """Return what an entry keeps of the port, and of what was ever heard on it."""
        before = self._get_reconfigure_entry().data if self.source == SOURCE_RECONFIGURE else {}
        # On whichever port: it is the same in the registries.
        known_as = {CONF_BUS_ID: before[CONF_BUS_ID]} if CONF_BUS_ID in before else {}
        role: dict[str, Any] = {} if self._role is BusRole.CONTROL else {CONF_ROLE: self._role.value}
        if self._role is BusRole.JOIN:
            role[CONF_RATING] = self._rating
        before = {key: value for key, value in before.items() if key not in (CONF_ROLE, CONF_RATING)}
        if self._device == SIMULATED_DEVICE:
            return {**known_as, CONF_DEVICE: self._device, CONF_SPEED: self._speed, **role}
        same_port = before if before.get(CONF_DEVICE) == self._device else {}
        found = {CONF_FOUND: True} if self._report.connectors else {}
        return {**known_as, **same_port, CONF_DEVICE: self._device, **found, **role}

    def _tell_of_one_house(self) -> ConfigFlowResult | None:
        """Say what a second bus brings: a house that both share. None where it brings none."""
        is_new = self.source != SOURCE_RECONFIGURE and self._device != SIMULATED_DEVICE
        if not is_new or belonging(self.hass, with_another=True) is not Belonging.ONE_HOUSE:
            return None
        return self.async_show_form(
            step_id="one_house",
            data_schema=vol.Schema({}),
            description_placeholders={
                "buses": ", ".join(bus_name(self.hass, bus) for bus in sharing_entries(self.hass))
            },
        )

    async def async_step_one_house(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Finish; the house comes into being as soon as the new bus is set up."""
        await self._async_refuse_duplicate()
        return await self._async_finish()

    async def _async_finish(self) -> ConfigFlowResult:
        """Create the entry, or change the one that is being reconfigured."""
        data, before = self._entry_data(), self._options()
        connectors = dict(before.get(CONF_CONNECTORS, {}))
        for twcid, amps in self._breakers.items():
            connectors[twcid] = {**connectors.get(twcid, {}), CONF_MAXIMUM_CURRENT: amps}
        options = {**before, **self._chosen, CONF_CONNECTORS: connectors}
        if self.source != SOURCE_RECONFIGURE:
            former = former_bus_id(self.hass, [one.twcid for one in self._report.connectors])
            data |= {} if former is None else {CONF_BUS_ID: former}
            title = _title(await async_words(self.hass), self._device)
            return self.async_create_entry(title=title, data=data, options=options)
        entry = self._get_reconfigure_entry()
        title = await self._async_new_title(entry)
        # Asked before: one that runs may begin anew at once, and a second start would know nothing of the change.
        is_running = bool(entry.update_listeners)
        result = self.async_update_and_abort(entry, title=title, data=data, options=options)
        if not is_running:  # so nobody has noticed the change
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Lead on to what an owner wants to choose next."""
        if self._role is BusRole.CONTROL:
            flow_id = await async_lead_on(self.hass, result["result"], self._report.connectors)
            if flow_id is not None:
                result["next_flow"] = (FlowType.OPTIONS_FLOW, flow_id)
        return result

    async def _async_new_title(self, entry: ConfigEntry[Any]) -> str:
        """Return the title of an entry after a move: that of its new port, unless its owner has renamed it."""
        words = await async_words(self.hass)
        # In an earlier version it was named in English, whatever the language.
        for language in (words, await async_words(self.hass, "en")):
            if entry.title == _title(language, entry.data[CONF_DEVICE]):
                return _title(words, self._device)
        return entry.title


def _title(words: Words, device: str) -> str:
    """Name an entry after its port."""
    if device == SIMULATED_DEVICE:
        return words("title_simulated")
    return words("title_port", port=ports.short_name(device))
