/** The third view: what is set once, what limits, and how everything is. */
import type { HouseNow } from "../feed";
import type { HomeAssistant } from "../ha";
import type { House } from "../house";
import { say } from "../words";
import { type Card, heading, section, there, tiles } from "./cards";

const SLIDER: Card = { type: "numeric-input", style: "slider" };
const BUTTONS: Card = { type: "numeric-input", style: "buttons" };
const TOGGLE: Card = { type: "toggle" };
const HALF = 6;

export function houseView(hass: HomeAssistant, house: House, houses: HouseNow[]): Record<string, unknown> {
  const sun = house.shared.flatMap((one) => [
    ...tiles(one, ["reserve"], { feature: BUTTONS }),
    ...tiles(one, ["start_grid_share"], { feature: SLIDER }),
    ...tiles(one, ["shadow"], { feature: TOGGLE }),
    ...tiles(one, ["input_state", "meter"], { columns: HALF }),
    ...tiles(one, ["check_meter"], { feature: { type: "button" } }),
  ]);
  const battery = house.shared.flatMap((one) => [
    ...tiles(one, ["battery_first_soc", "battery_helps_soc"], { feature: SLIDER }),
    ...tiles(one, ["battery_discharge"], { feature: TOGGLE }),
  ]);
  const limits = [
    ...house.buses.flatMap((bus) => [
      ...tiles(bus, ["circuit_limit"], { feature: BUTTONS }),
      ...tiles(bus, ["total_current", "total_power"], { columns: HALF }),
    ]),
    ...house.shared.flatMap((one) => tiles(one, ["ceiling_power", "ceiling_current"], { columns: HALF })),
  ];
  const condition = house.buses.flatMap((bus) => tiles(bus, ["connected"]));
  const sections = there([
    section(heading(say(hass, "surplus"), "mdi:solar-power-variant"), sun),
    section(heading(say(hass, "battery"), "mdi:home-battery"), battery),
    section(heading(say(hass, "fuse"), "mdi:fuse"), houses.flatMap(phases)),
    section(heading(say(hass, "limits"), "mdi:speedometer"), limits),
    ...house.connectors.map((one) =>
      section(heading(one.name, "mdi:ev-station"), [
        ...tiles(one, ["minimum_current", "priority"], { feature: BUTTONS }),
        ...tiles(one, ["problem", "last_heard", "bus_quality"], { columns: HALF }),
        ...tiles(one, ["lifetime_energy", "firmware_version", "contactor_closings"]),
      ]),
    ),
    section(heading(say(hass, "condition"), "mdi:heart-pulse"), condition),
  ]);
  return {
    title: say(hass, "view_house"),
    path: "house",
    icon: "mdi:home-lightning-bolt",
    type: "sections",
    max_columns: 4,
    sections,
  };
}

/** What flows through the main fuse, as bars up to its rating, where the sensors tell it in A. */
function phases({ fuse, phases: told, entities }: HouseNow): Card[] {
  if (fuse === null) {
    return [];
  }
  return (entities.phases ?? []).map((entity, phase) => ({
    type: "tile",
    entity,
    name: `L${phase + 1}`,
    grid_options: { columns: 4 },
    vertical: true,
    ...(told[phase] == null ? {} : { features: [{ type: "bar-gauge", min: 0, max: fuse }] }),
  }));
}
