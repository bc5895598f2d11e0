/** The list of charges, as the action tesla_twc.get_sessions tells it, shared by all cards of a page for a minute. */
import { DOMAIN, type HomeAssistant } from "../ha";

export interface Charge {
  id: string | number;
  start: string;
  end: string | null;
  wall_connector: string;
  car: string | null;
  energy: number;
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
