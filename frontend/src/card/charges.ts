/** The list of charges, as the action tesla_twc.get_sessions tells it, shared by all cards of a page for a minute. */
import { DOMAIN, type HomeAssistant, stateOf } from "../ha";
import type { Part } from "../house";

export interface Charge {
  id: string | number;
  start: string;
  end: string | null;
  wall_connector: string;
  car: string | null;
  energy: number;
  energy_sun: number;
  sun_share: number | null;
  cost: number | null;
}

export interface Sums {
  energy: number;
  energy_sun: number;
}

export interface Charges {
  sessions: Charge[];
  by_day: Record<string, Sums>;
}

/** Units that an owner may have chosen for a sensor. */
const KWH: Record<string, number> = { Wh: 0.001, kWh: 1, MWh: 1000 };
const KEPT_FOR = 60_000;
const DAY = 86_400_000;
/** So many days are asked for first; most lists are short, and a year is long. */
const A_MONTH = 31;
const A_YEAR = 366;

const asked = new Map<string, { at: number; answer: Promise<Charges> }>();

/** The latest charges, at least `wanted` of them if there were so many within a year. Rejects where it cannot be told. */
export async function charges(hass: HomeAssistant, wanted: number): Promise<Charges> {
  const month = await ask(hass, A_MONTH);
  return month.sessions.length >= wanted ? month : ask(hass, A_YEAR);
}

/** The sums of a day, with what has flowed since they were told: the sensors of charges that go on are of this moment. */
export function upToNow(hass: HomeAssistant, connectors: Part[], list: Charges, day: string): Sums | null {
  const sums = { energy: 0, energy_sun: 0, ...list.by_day[day] };
  for (const charge of list.sessions.filter(({ end }) => end === null)) {
    const its = connectors.find(({ name }) => name === charge.wall_connector)?.its ?? {};
    sums.energy += flowedSince(hass, its["session_energy"], charge.start, charge.energy);
    sums.energy_sun += flowedSince(hass, its["session_sun_energy"], charge.start, charge.energy_sun);
  }
  return sums.energy > 0 || day in list.by_day ? sums : null;
}

/** kWh that a sensor shows of the same charge beyond what was told of it. */
function flowedSince(hass: HomeAssistant, entityId: string | undefined, start: string, told: number): number {
  const state = stateOf(hass, entityId);
  const unit = KWH[String(state?.attributes["unit_of_measurement"])];
  const began = Date.parse(String(state?.attributes["last_reset"]));
  if (state === null || unit === undefined || !(Math.abs(began - Date.parse(start)) < 1000)) {
    return 0;
  }
  return Math.max(0, Number(state.state) * unit - told);
}

/** Ask anew next time: a car has come or gone. */
export function forgetCharges(): void {
  asked.clear();
}

async function ask(hass: HomeAssistant, days: number): Promise<Charges> {
  const known = asked.get(String(days));
  if (known !== undefined && Date.now() - known.at < KEPT_FOR) {
    return known.answer;
  }
  const start = new Date(Date.now() - days * DAY).toISOString();
  const answer = hass
    .callService(DOMAIN, "get_sessions", { start }, undefined, false, true)
    .then(({ response }) => response as Charges);
  asked.set(String(days), { at: Date.now(), answer });
  answer.catch(() => asked.delete(String(days)));
  return answer;
}
