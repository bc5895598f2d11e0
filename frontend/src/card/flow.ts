/** The picture of the energy flow: sources on the left, what they feed on the right, ribbons as broad as the power. */
import { html, nothing, svg, type TemplateResult } from "lit";
import type { HouseNow } from "../feed";
import { amps, percent, power } from "../format";
import { type HomeAssistant, numberOf, showMore, stateOf } from "../ha";
import { carAt, type House, isPlugged, type Part } from "../house";
import { say, type Word } from "../words";
import { flowOf, type Flow, type Ribbon, type Source } from "./flow-model";

const ROW = 72;
const GAP = 8;
/** How broad the ribbons of the strongest side are together, px. */
const BROADEST = 44;

const ICONS: Record<string, string> = {
  sun: "mdi:solar-power-variant",
  surplus: "mdi:solar-power-variant",
  battery: "mdi:home-battery",
  grid: "mdi:transmission-tower",
  home: "mdi:home",
};

export interface FlowParts {
  hass: HomeAssistant;
  house: House;
  connectors: Part[];
  now: HouseNow | null;
}

export function renderFlow(parts: FlowParts, element: HTMLElement): TemplateResult {
  const { hass, connectors, now } = parts;
  const cars = connectors.map((one) => ({ id: one.device, watts: numberOf(hass, one.its["charging_power"]) ?? 0 }));
  const flow = flowOf(now, cars);
  const height = Math.max(flow.sources.length, flow.loads.length) * (ROW + GAP) - GAP;
  return html`
    <section class="flow ${flow.sources.length === 0 ? "bare" : ""}" aria-label=${say(hass, "flow")}>
      <div class="side" style="height:${height}px">
        ${flow.sources.map(({ id, watts }) => sourceNode(parts, id, watts, element))}
      </div>
      ${flow.sources.length === 0 ? nothing : ribbonsOf(parts, flow, height)}
      <div class="side" style="height:${height}px">
        ${flow.loads.map(({ id, watts }) => {
          const connector = connectors.find((one) => one.device === id);
          return connector === undefined
            ? sourceNode(parts, id, watts, element)
            : carNode(parts, connector, watts, element);
        })}
      </div>
    </section>
  `;
}

/** A node of the house: what it is called, how many W, and what shows more of it. */
function sourceNode({ hass, now }: FlowParts, id: string, watts: number, element: HTMLElement): TemplateResult {
  const entity = now?.entities[(id === "sun" || id === "surplus" ? "solar" : id) as keyof HouseNow["entities"]]?.[0];
  const soc = id === "battery" && now?.battery_soc != null ? html` · ${percent(hass, now.battery_soc)}` : nothing;
  return nodeOf(
    id,
    ICONS[id] ?? "mdi:flash",
    say(hass, id as Word),
    html`${power(hass, watts)}${soc}`,
    nothing,
    entity === undefined ? undefined : () => showMore(element, entity),
  );
}

/** A wall connector with its car: what it draws of what it is offered. */
function carNode({ hass, house, connectors }: FlowParts, connector: Part, watts: number, element: HTMLElement): TemplateResult {
  const { its } = connector;
  const plugged = isPlugged(hass, connector);
  const car = plugged ? carAt(hass, house, connector) : null;
  const offered = numberOf(hass, its["offered_current"]);
  const drawn = numberOf(hass, its["charging_current"]);
  const status = stateOf(hass, its["status"]) ?? (its["status"] === undefined ? undefined : hass.states[its["status"]]);
  const most = Math.max(...connectors.map((one) => reach(hass, one)), offered ?? 0, 1);
  const current =
    !plugged || drawn === null
      ? ""
      : offered === null
        ? say(hass, "amps_drawn", { drawn: amps(hass, drawn) })
        : say(hass, "amps", { drawn: amps(hass, drawn), offered: amps(hass, offered) });
  const main = its["charging_power"] ?? its["status"];
  return nodeOf(
    plugged ? "car" : "car idle",
    plugged ? "mdi:car-electric" : "mdi:ev-station",
    car?.name ?? connector.name,
    watts >= 1 ? html`${power(hass, watts)}` : html`${status == null ? "" : hass.formatEntityState(status)}`,
    html`${current === "" ? nothing : html`<span class="detail">${current}</span>`}<span class="bar" aria-hidden="true">
      <span class="offered" style="width:${(100 * (offered ?? 0)) / most}%"></span>
      <span class="drawn" style="width:${(100 * (drawn ?? 0)) / most}%"></span>
    </span>`,
    main === undefined ? undefined : () => showMore(element, main),
  );
}

/** A per phase that a wall connector could give: where its bar ends. */
function reach(hass: HomeAssistant, connector: Part): number {
  const limit = hass.states[connector.its["current_limit"] ?? ""]?.attributes["max"];
  return typeof limit === "number" ? limit : (numberOf(hass, connector.its["rated_current"]) ?? 32);
}

function nodeOf(
  kind: string,
  icon: string,
  name: string,
  value: TemplateResult,
  more: TemplateResult | typeof nothing,
  clicked: (() => void) | undefined,
): TemplateResult {
  const inner = html`
    <ha-icon .icon=${icon} aria-hidden="true"></ha-icon>
    <span class="words"><span class="name">${name}</span><span class="value">${value}</span>${more}</span>
  `;
  return clicked === undefined
    ? html`<div class="node ${kind}">${inner}</div>`
    : html`<button type="button" class="node ${kind}" @click=${clicked}>${inner}</button>`;
}

/** The ribbons between both sides, and the same in words for those who cannot see them. */
function ribbonsOf({ hass, house, connectors }: FlowParts, flow: Flow, height: number): TemplateResult {
  const broad = widths(flow);
  const left = ends(flow.sources, height);
  const right = ends(flow.loads, height);
  const drawn = flow.ribbons.map((ribbon) => {
    const { from, to, watts } = ribbon;
    const middle = (one: Ribbon): number => right.get(one.to) ?? 0;
    const origin = (one: Ribbon): number => left.get(one.from) ?? 0;
    const half = broad(watts) / 2;
    const y1 = place(ribbon, flow.ribbons.filter((one) => one.from === from), origin(ribbon), middle, broad);
    const y2 = place(ribbon, flow.ribbons.filter((one) => one.to === to), middle(ribbon), origin, broad);
    const edge = (d: number): string => `${y1 + d} C50,${y1 + d} 50,${y2 + d} 100,${y2 + d}`;
    const back = `C50,${y2 + half} 50,${y1 + half} 0,${y1 + half}Z`;
    return svg`
      <path class="ribbon ${from}" d="M0,${edge(-half)} L100,${y2 + half} ${back}" />
      <path class="current ${from}" d="M0,${edge(0)}" />
    `;
  });
  const nameOf = (id: string): string => {
    const connector = connectors.find((one) => one.device === id);
    return connector === undefined ? say(hass, id as Word) : (carAt(hass, house, connector)?.name ?? connector.name);
  };
  return html`
    <svg class="ribbons" viewBox="0 0 100 ${height}" preserveAspectRatio="none" style="height:${height}px" aria-hidden="true">
      ${drawn}
    </svg>
    <ul class="unseen">
      ${flow.ribbons.map(({ from, to, watts }) => {
        const values = { from: nameOf(from), to: nameOf(to), power: power(hass, watts) };
        return html`<li>${say(hass, "from_to", values)}</li>`;
      })}
    </ul>
  `;
}

/** Where a ribbon ends at a node: all of one node lie side by side, around its middle, sorted by where they go. */
function place(
  ribbon: Ribbon,
  all: Ribbon[],
  middle: number,
  order: (one: Ribbon) => number,
  broad: (watts: number) => number,
): number {
  const sorted = [...all].sort((a, b) => order(a) - order(b));
  const whole = all.reduce((sum, one) => sum + broad(one.watts), 0);
  const before = sorted.slice(0, sorted.indexOf(ribbon)).reduce((sum, one) => sum + broad(one.watts), 0);
  return middle - whole / 2 + before + broad(ribbon.watts) / 2;
}

function widths(flow: Flow): (watts: number) => number {
  const whole = Math.max(...[flow.sources, flow.loads].map((side) => side.reduce((sum, one) => sum + one.watts, 0)), 1);
  return (watts) => Math.max(2, (watts / whole) * BROADEST);
}

/** Where the middle of each node is: nodes are spread evenly over the height, as the style sheet does it. */
function ends(side: { id: Source | string }[], height: number): Map<string, number> {
  const room = height / side.length;
  return new Map(side.map(({ id }, index) => [id, room * (index + 0.5)]));
}
