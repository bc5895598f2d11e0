/** The first view: what flows, and each wall connector and each car with what is set most often. */
import { CARD } from "../card/config";
import type { HouseNow } from "../feed";
import type { HomeAssistant } from "../ha";
import type { House, Part } from "../house";
import { say } from "../words";
import { type Card, heading, ids, section, type Section, there, tiles } from "./cards";

const TREND: Card = { type: "trend-graph", hours_to_show: 6 };

export function chargingView(hass: HomeAssistant, house: House, houses: HouseNow[]): Record<string, unknown> {
  const sections = [
    ...overview(house, houses),
    ...there(house.connectors.map(connectorSection)),
    ...there(house.cars.map(carSection)),
  ];
  return {
    title: say(hass, "view_charging"),
    path: "charging",
    icon: "mdi:ev-station",
    type: "sections",
    max_columns: Math.min(4, Math.max(1, sections.length)),
    dense_section_placement: true,
    sections,
  };
}

/** One picture for each house: simulated wall connectors have one of their own. */
function overview(house: House, houses: HouseNow[]): Section[] {
  if (house.connectors.length === 0) {
    return [{ type: "grid", cards: [{ type: `custom:${CARD}` }, ...house.buses.flatMap((bus) => tiles(bus, ["connected"]))] }];
  }
  const groups = groupsOf(house.connectors, houses);
  return groups.map((connectors) => {
    const entries = new Set(connectors.map((one) => one.entry));
    const shared = house.shared.filter((one) => groups.length === 1 || entries.has(one.entry));
    const only = groups.length === 1 ? {} : { wall_connectors: connectors.map((one) => one.device) };
    return {
      type: "grid",
      cards: [
        { type: `custom:${CARD}`, show: ["flow", "today"], ...only },
        ...shared.flatMap((one) => [
          ...tiles(one, ["default_mode"], { feature: { type: "select-options" } }),
          ...tiles(one, ["surplus_power"], { columns: 6, feature: TREND }),
          ...tiles(one, ["available_current"], { columns: 6, feature: TREND }),
          ...tiles(one, ["dimmed"]),
        ]),
      ],
    };
  });
}

/** Wall connectors by the house that they belong to. */
function groupsOf(connectors: Part[], houses: HouseNow[]): Part[][] {
  const groups = new Map<number, Part[]>();
  for (const connector of connectors) {
    const house = houses.findIndex(({ entry_ids }) => entry_ids.includes(connector.entry));
    groups.set(house, [...(groups.get(house) ?? []), connector]);
  }
  return [...groups.values()];
}

function connectorSection(connector: Part): Section | null {
  const only = { wall_connectors: [connector.device] };
  return section(heading(connector.name, "mdi:ev-station", ids(connector, ["plugged_in", "charging_power"])), [
    { type: `custom:${CARD}`, show: ["decision", "mode", "limit"], ...only },
    ...tiles(connector, ["status"]),
    ...tiles(connector, ["charging_current"], { columns: 6, feature: TREND }),
    ...tiles(connector, ["offered_current"], { columns: 6, feature: TREND }),
    ...tiles(connector, ["session_energy", "session_sun_energy"]),
    ...tiles(connector, ["charging_enabled"], { feature: { type: "toggle" } }),
    ...tiles(connector, ["ready_by", "ready_energy"], { columns: 6 }),
    ...tiles(connector, ["ready_daily"], { feature: { type: "toggle" } }),
    ...tiles(connector, ["car"], { feature: { type: "select-options" } }),
  ]);
}

function carSection(car: Part): Section | null {
  return section(heading(car.name, "mdi:car-electric"), [
    ...tiles(car, ["connected_to"]),
    ...tiles(car, ["car_soc"], { feature: { type: "bar-gauge" } }),
    ...tiles(car, ["car_charge_mode"], { feature: { type: "select-options" } }),
    // Their names are long: half of a phone would cut them.
    ...tiles(car, ["car_energy_today", "car_energy_month", "car_last_session_energy", "car_sun_share"]),
  ]);
}

