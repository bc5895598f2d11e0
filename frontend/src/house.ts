/** The house as the registries tell it: buses, wall connectors and cars, and what each of their entities is called today.
 *
 * Entities are found by the device and the key that the integration gave them, never by their ids: owners rename those.
 */
import { DOMAIN, type HomeAssistant, type RegistryDevice } from "./ha";

export interface Part {
  device: string;
  name: string;
  /** The entry that it belongs to. */
  entry: string;
  /** What its long-term statistics are known by. */
  known: string;
  /** Entity ids by key. */
  its: Record<string, string>;
  /** Keys of those that their owner has hidden. */
  hidden: Set<string>;
}

export interface House {
  buses: Part[];
  connectors: Part[];
  cars: Part[];
  /** What several buses share, or the only bus: its surplus, its reserve, the mode for all. */
  shared: Part[];
}

/** Keys by which each kind of device is known; the first that it has decides. */
const KINDS: [keyof House, string[]][] = [
  ["connectors", ["plugged_in", "charging_status", "status"]],
  ["cars", ["connected_to"]],
  ["buses", ["connected", "total_power"]],
  ["shared", ["default_mode", "surplus_power", "input_state"]],
];

export function houseOf(hass: HomeAssistant): House {
  const parts = new Map<string, Part>();
  for (const entity of Object.values(hass.entities)) {
    const device = entity.device_id === undefined ? undefined : hass.devices[entity.device_id];
    if (entity.platform !== DOMAIN || entity.translation_key === undefined || device === undefined) {
      continue;
    }
    const part = parts.get(device.id) ?? partOf(device);
    parts.set(device.id, part);
    part.its[entity.translation_key] = entity.entity_id;
    if (entity.hidden === true) {
      part.hidden.add(entity.translation_key);
    }
  }
  const house: House = { buses: [], connectors: [], cars: [], shared: [] };
  for (const part of [...parts.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) {
    const kind = KINDS.find(([, keys]) => keys.some((key) => key in part.its))?.[0];
    if (kind !== undefined) {
      house[kind].push(part);
    }
  }
  if (house.shared.length === 0) {
    house.shared = house.buses;
  }
  return house;
}

function partOf(device: RegistryDevice): Part {
  return {
    device: device.id,
    name: device.name_by_user ?? device.name ?? "",
    entry: device.primary_config_entry ?? device.config_entries[0] ?? "",
    known: device.identifiers.find(([domain]) => domain === DOMAIN)?.[1] ?? "",
    its: {},
    hidden: new Set(),
  };
}

/** The car at a wall connector, as far as it is known which one it is. */
export function carAt(hass: HomeAssistant, house: House, connector: Part): Part | null {
  const recognised = hass.states[connector.its["car"] ?? ""]?.attributes["recognised_car"];
  const here = house.cars.filter((car) => hass.states[car.its["connected_to"] ?? ""]?.state === connector.name);
  return here.find((car) => car.name === recognised || car.entry === connector.entry) ?? here[0] ?? null;
}

/** Whether a car is plugged in, where that is known. */
export function isPlugged(hass: HomeAssistant, connector: Part): boolean {
  return hass.states[connector.its["plugged_in"] ?? ""]?.state === "on";
}
