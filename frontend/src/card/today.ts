/** Today's sun against what the cars took: two curves over the day, and both as energy. */
import { html, nothing, svg, type TemplateResult } from "lit";
import { energy } from "../format";
import type { HomeAssistant } from "../ha";
import { say } from "../words";
import type { Sums } from "./charges";

export interface Today {
  /** kW at the middle of each slot of five minutes since midnight; null where nothing is known. */
  sun: (number | null)[];
  cars: (number | null)[];
}

const SLOT = 300_000;
const SLOTS = 288;
const HEIGHT = 80;

interface Row {
  start: number;
  mean?: number | null;
}

/** Ask the recorder for both curves. Rejects where there is none. */
export async function askToday(hass: HomeAssistant, sun: string[], cars: string[]): Promise<Today> {
  const midnight = startOfDay(hass);
  if (sun.length + cars.length === 0) {
    return { sun: [], cars: [] }; // to ask about nothing is an error in the log of Home Assistant
  }
  const found = await hass.callWS<Record<string, Row[]>>({
    type: "recorder/statistics_during_period",
    start_time: midnight.toISOString(),
    statistic_ids: [...sun, ...cars],
    period: "5minute",
    types: ["mean"],
    units: { power: "kW" },
  });
  const added = (ids: string[]): (number | null)[] => {
    const slots = new Array<number | null>(SLOTS).fill(null);
    for (const { start, mean } of ids.flatMap((id) => found[id] ?? [])) {
      const slot = Math.floor((start - midnight.getTime()) / SLOT);
      if (slot >= 0 && slot < SLOTS && mean != null) {
        slots[slot] = (slots[slot] ?? 0) + mean;
      }
    }
    return slots;
  };
  return { sun: added(sun), cars: added(cars) };
}

/** Midnight where the house is: the integration counts its days by that clock, wherever the page is looked at. */
function startOfDay(hass: HomeAssistant): Date {
  const now = new Date();
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: hass.config.time_zone, timeStyle: "medium" }).format(now);
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  const gone = ((hours * 60 + minutes) * 60 + seconds) * 1000 + now.getMilliseconds();
  return new Date(now.getTime() - gone);
}

/** The key of today in the sums of the list of charges. */
export function todayKey(hass: HomeAssistant): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: hass.config.time_zone }).format(new Date());
}

export function renderToday(hass: HomeAssistant, today: Today | null, sums: Sums | null): TemplateResult | typeof nothing {
  const known = today ?? { sun: [], cars: [] };
  const sun = kwh(known.sun);
  const cars = sums?.energy ?? kwh(known.cars);
  if (sun === null && cars === null) {
    return nothing;
  }
  const told = [
    sun === null ? "" : say(hass, "today_sun", { energy: energy(hass, sun) }),
    cars === null ? "" : say(hass, "today_cars", { energy: energy(hass, cars) }),
    sums === null || sums.energy < 0.05 ? "" : say(hass, "today_cars_sun", { energy: energy(hass, sums.energy_sun) }),
  ];
  return html`
    <section aria-labelledby="today">
      <h3 id="today">${say(hass, "today")}</h3>
      <p class="legend">
        ${told[0] ? html`<span class="sun">${told[0]}</span>` : nothing}
        ${told[1] ? html`<span class="cars">${told[1]}${told[2] ? `, ${told[2]}` : ""}</span>` : nothing}
      </p>
      ${curves(known)}
    </section>
  `;
}

/** kWh of a curve; null where nothing of it is known. */
function kwh(slots: (number | null)[]): number | null {
  const known = slots.filter((one) => one !== null);
  return known.length === 0 ? null : known.reduce((sum, kw) => sum + kw, 0) / 12;
}

function curves({ sun, cars }: Today): TemplateResult | typeof nothing {
  const highest = Math.max(0, ...[...sun, ...cars].map((kw) => kw ?? 0));
  if (highest <= 0) {
    return nothing;
  }
  return html`
    <svg class="today" viewBox="0 0 ${SLOTS} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${[72, 144, 216].map((x) => svg`<line class="hour" x1=${x} x2=${x} y1="0" y2=${HEIGHT} />`)}
      <path class="sun" d=${area(sun, highest)} />
      <path class="cars" d=${area(cars, highest)} />
    </svg>
    <div class="hours" aria-hidden="true"><span>0</span><span>6</span><span>12</span><span>18</span><span>24</span></div>
  `;
}

/** A gap of an hour or less is bridged: statistics of a sensor that says nothing new are not written. */
function area(slots: (number | null)[], highest: number): string {
  let path = "";
  let last: number | null = null;
  slots.forEach((kw, x) => {
    if (kw === null) {
      return;
    }
    const y = HEIGHT - (kw / highest) * (HEIGHT - 2);
    if (last === null || x - last > 12) {
      path += `${last === null ? "" : `L${last + 1},${HEIGHT}Z`}M${x},${HEIGHT}`;
    }
    path += `L${x},${y.toFixed(1)}L${x + 1},${y.toFixed(1)}`;
    last = x;
  });
  return last === null ? "" : `${path}L${last + 1},${HEIGHT}Z`;
}
