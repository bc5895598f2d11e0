/** What is used of Home Assistant's page: no more than this, so that another version of it can be lived with. */

export interface EntityState {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
  last_changed: string;
}

export interface RegistryEntity {
  entity_id: string;
  device_id?: string;
  platform?: string;
  translation_key?: string;
  hidden?: boolean;
}

export interface RegistryDevice {
  id: string;
  name: string | null;
  name_by_user: string | null;
  identifiers: [string, string][];
  primary_config_entry: string | null;
  config_entries: string[];
  via_device_id: string | null;
}

export interface Connection {
  subscribeMessage<T>(
    told: (message: T) => void,
    message: { type: string; [more: string]: unknown },
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  addEventListener(event: "ready" | "disconnected", called: () => void): void;
  removeEventListener(event: "ready" | "disconnected", called: () => void): void;
}

export interface HomeAssistant {
  states: Record<string, EntityState>;
  entities: Record<string, RegistryEntity>;
  devices: Record<string, RegistryDevice>;
  connected: boolean;
  connection: Connection;
  language: string;
  locale: { language: string; time_zone?: string; time_format?: string };
  config: { currency: string; time_zone: string };
  themes: { darkMode: boolean };
  localize(key: string, values?: Record<string, unknown>): string;
  formatEntityState(state: EntityState, value?: string): string;
  formatEntityAttributeName(state: EntityState, attribute: string): string;
  formatEntityAttributeValue(state: EntityState, attribute: string): string;
  callService(
    domain: string,
    service: string,
    data?: Record<string, unknown>,
    target?: { entity_id: string },
    notifyOnError?: boolean,
    returnResponse?: boolean,
  ): Promise<{ response?: unknown }>;
  callWS<T>(message: { type: string; [more: string]: unknown }): Promise<T>;
}

export const DOMAIN = "tesla_twc";

const NO_STATE = new Set(["unavailable", "unknown", ""]);

/** The number that an entity shows, or null where it shows none. */
export function numberOf(hass: HomeAssistant, entityId: string | undefined): number | null {
  const state = stateOf(hass, entityId);
  const value = state === null ? NaN : Number(state.state);
  return Number.isFinite(value) ? value : null;
}

/** An entity that shows something, or null. */
export function stateOf(hass: HomeAssistant, entityId: string | undefined): EntityState | null {
  const state = entityId === undefined ? undefined : hass.states[entityId];
  return state === undefined || NO_STATE.has(state.state) ? null : state;
}

/** Tell the page about something that happened in an element of ours, as its own elements do. */
export function tellPage(from: HTMLElement, event: string, detail: unknown): void {
  from.dispatchEvent(new CustomEvent(event, { bubbles: true, composed: true, detail }));
}

export function showMore(from: HTMLElement, entityId: string): void {
  tellPage(from, "hass-more-info", { entityId });
}
