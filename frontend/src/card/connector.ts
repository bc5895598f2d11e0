/** One wall connector: the decision in words with its terms, its modes as buttons, its limit as a slider and a figure. */
import { html, nothing, type TemplateResult } from "lit";
import { energy, onOwnClock, timeOfDay, unbroken } from "../format";
import { type EntityState, type HomeAssistant, stateOf } from "../ha";
import { carAt, type House, isPlugged, type Part } from "../house";
import { nameOf, say } from "../words";
import type { CardPart } from "./config";

const MODE_ICONS: Record<string, string> = {
  follow_bus: "mdi:source-branch",
  off: "mdi:power",
  solar: "mdi:white-balance-sunny",
  solar_min: "mdi:weather-partly-cloudy",
  fast: "mdi:flash",
};

/** Attributes that are no terms of a decision. */
const NO_TERMS = new Set(["sentence", "friendly_name", "device_class", "options", "icon", "attribution", "restored"]);

export interface Orders {
  /** What is being dragged or has just been set, by entity, until Home Assistant says the same. */
  wanted: Map<string, number>;
  setMode: (entityId: string, mode: string) => void;
  setSwitch: (entityId: string, on: boolean) => void;
  /** done: let go, or typed to the end. */
  setLimit: (entityId: string, value: number, done: boolean) => void;
}

export function renderConnector(
  hass: HomeAssistant,
  house: House,
  connector: Part,
  shown: ReadonlySet<CardPart>,
  step: number,
  alone: boolean,
  orders: Orders,
): TemplateResult {
  const car = isPlugged(hass, connector) ? carAt(hass, house, connector) : null;
  const name = car === null ? connector.name : `${connector.name} · ${car.name}`;
  const id = `h-${connector.device}`;
  // What stands above a card about one wall connector says which one; the car is news.
  const title = alone ? (car?.name ?? connector.name) : name;
  return html`
    <section class="connector" aria-labelledby=${id}>
      <h3 id=${id} class=${alone && car === null ? "unseen" : ""}>${title}</h3>
      ${shown.has("decision") ? decision(hass, connector) : nothing}
      ${shown.has("mode") ? modes(hass, connector, name, orders) : nothing}
      ${shown.has("limit") ? limit(hass, connector, name, step, orders) : nothing}
    </section>
  `;
}

function decision(hass: HomeAssistant, connector: Part): TemplateResult | typeof nothing {
  const state = stateOf(hass, connector.its["decision"]) ?? stateOf(hass, connector.its["status"]);
  if (state === null) {
    const known = hass.states[connector.its["status"] ?? ""];
    return known === undefined ? nothing : html`<p class="sentence">${hass.formatEntityState(known)}</p>`;
  }
  const sentence = state.attributes["sentence"];
  const terms = Object.entries(state.attributes).filter(([key, value]) => !NO_TERMS.has(key) && value !== null);
  return html`
    <p class="sentence">${typeof sentence === "string" ? unbroken(onOwnClock(hass, sentence)) : hass.formatEntityState(state)}</p>
    ${departure(hass, state)}
    ${terms.length === 0
      ? nothing
      : html`<details>
          <summary>${say(hass, "terms")}</summary>
          <dl>
            ${terms.map(
              ([key]) => html`
                <div>
                  <dt>${hass.formatEntityAttributeName(state, key)}</dt>
                  <dd>${hass.formatEntityAttributeValue(state, key)}</dd>
                </div>
              `,
            )}
          </dl>
        </details>`}
  `;
}

/** By when the car has to be ready, with how much more, and from when on in full at the latest. */
function departure(hass: HomeAssistant, state: EntityState): TemplateResult | typeof nothing {
  const { ready_by: by, ready_energy: missing, ready_begins: begins, ready_short: short } = state.attributes;
  if (typeof by !== "string" || typeof missing !== "number") {
    return nothing;
  }
  const parts = [say(hass, "ready", { time: timeOfDay(hass, by) }), energy(hass, missing)];
  if (typeof begins === "string") {
    parts.push(say(hass, "ready_from", { time: timeOfDay(hass, begins) }));
  }
  if (typeof short === "number" && short > 0) {
    parts.push(say(hass, "ready_short", { energy: energy(hass, short) }));
  }
  return html`<p class="departure"><ha-icon .icon=${"mdi:clock-end"} aria-hidden="true"></ha-icon> ${parts.join(" · ")}</p>`;
}

/** Buttons, not radio buttons: the arrow keys would go through Off, and a charge would end. */
function modes(hass: HomeAssistant, connector: Part, name: string, orders: Orders): TemplateResult | typeof nothing {
  const state = hass.states[connector.its["charge_mode"] ?? ""];
  if (state === undefined || connector.hidden.has("charge_mode")) {
    return nothing;
  }
  const options = (state.attributes["options"] ?? []) as string[];
  const title = nameOf(hass, "select", "charge_mode", "mode");
  const off = state.state === "unavailable";
  return html`
    <div class="modes" role="group" aria-label="${name}: ${title}">
      ${options.map(
        (option) => html`
          <button
            type="button"
            class="mode"
            aria-pressed=${state.state === option ? "true" : "false"}
            ?disabled=${off}
            @click=${() => orders.setMode(state.entity_id, option)}
          >
            <ha-icon .icon=${MODE_ICONS[option] ?? "mdi:ev-station"} aria-hidden="true"></ha-icon>
            <span>${hass.formatEntityState(state, option)}</span>
          </button>
        `,
      )}
      ${chargeNow(hass, connector, orders)}
    </div>
  `;
}

/** One tap for this charge; the mode stays pressed, as it rules again after that. */
function chargeNow(hass: HomeAssistant, connector: Part, orders: Orders): TemplateResult | typeof nothing {
  const state = hass.states[connector.its["charge_now"] ?? ""];
  if (state === undefined || connector.hidden.has("charge_now")) {
    return nothing;
  }
  const on = state.state === "on";
  return html`
    <button
      type="button"
      class="mode now"
      aria-pressed=${on ? "true" : "false"}
      ?disabled=${state.state === "unavailable"}
      @click=${() => orders.setSwitch(state.entity_id, !on)}
    >
      <ha-icon .icon=${on ? "mdi:play-circle" : "mdi:play-circle-outline"} aria-hidden="true"></ha-icon>
      <span>${nameOf(hass, "switch", "charge_now", "now")}</span>
    </button>
  `;
}

function limit(
  hass: HomeAssistant,
  connector: Part,
  name: string,
  step: number,
  orders: Orders,
): TemplateResult | typeof nothing {
  const state = hass.states[connector.its["current_limit"] ?? ""];
  if (state === undefined || connector.hidden.has("current_limit")) {
    return nothing;
  }
  const title = nameOf(hass, "number", "current_limit", "limit");
  const { min, max } = state.attributes as { min: number; max: number };
  const told = Number(state.state);
  const value = orders.wanted.get(state.entity_id) ?? (Number.isFinite(told) ? told : min);
  const off = state.state === "unavailable";
  const take = (event: Event, done: boolean): void => {
    const asked = (event.target as HTMLInputElement).valueAsNumber;
    if (Number.isFinite(asked)) {
      orders.setLimit(state.entity_id, Math.min(max, Math.max(min, Math.round(asked))), done);
    }
  };
  return html`
    <div class="limit">
      <span class="title" aria-hidden="true">${title}</span>
      <input
        type="range"
        aria-label="${name}: ${title}"
        aria-valuetext="${value} A"
        min=${min}
        max=${max}
        step=${step}
        style="--at:${(100 * (value - min)) / Math.max(1, max - min)}%"
        .value=${String(value)}
        ?disabled=${off}
        @input=${(event: Event) => take(event, false)}
        @change=${(event: Event) => take(event, true)}
      />
      <label class="figure">
        <span class="unseen">${name}: ${title}</span>
        <input
          type="number"
          inputmode="numeric"
          min=${min}
          max=${max}
          .value=${String(value)}
          ?disabled=${off}
          @change=${(event: Event) => take(event, true)}
        />
        A
      </label>
    </div>
  `;
}
