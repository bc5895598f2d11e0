/** What an owner says of a card, and the form that asks for it. */
import { DOMAIN } from "../ha";
import { type Word, words } from "../words";

export const CARD = "tesla-twc-card";

export const PARTS = ["flow", "today", "decision", "mode", "limit", "sessions"] as const;
export type CardPart = (typeof PARTS)[number];

/** What each part is called in the form. */
const PART_WORDS: Record<CardPart, Word> = {
  flow: "flow",
  today: "today",
  decision: "decision",
  mode: "mode",
  limit: "limit",
  sessions: "charges",
};

export const DEFAULT_SESSIONS = 5;
export const DEFAULT_STEP = 1;

export interface CardConfig {
  type: string;
  title?: string;
  /** Ids of the devices of wall connectors; not there: all of them. */
  wall_connectors?: string[];
  /** Not there, or nothing in it: everything. */
  show?: CardPart[];
  sessions?: number;
  /** A */
  step?: number;
}

/** Return a configuration that can be shown; throws an Error with a sentence where it cannot. */
export function checked(config: CardConfig): CardConfig {
  const list = (value: unknown): boolean => value === undefined || Array.isArray(value);
  if (!list(config.wall_connectors) || !list(config.show)) {
    throw new Error("wall_connectors and show are lists");
  }
  const strange = (config.show ?? []).find((part) => !PARTS.includes(part));
  if (strange !== undefined) {
    throw new Error(`show knows ${PARTS.join(", ")}, not ${strange}`);
  }
  for (const [name, least] of [["sessions", 1], ["step", 1]] as const) {
    const value = config[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= least)) {
      throw new Error(`${name} is a whole number from ${least}`);
    }
  }
  return config;
}

interface Field {
  name: string;
  selector: Record<string, unknown>;
}

/** The form of the visual editor. It knows no page, so its texts are in the browser's language until one asks. */
export function configForm(): {
  schema: Field[];
  computeLabel: (field: Field) => string;
  computeHelper: (field: Field) => string | undefined;
  assertConfig: (config: CardConfig) => void;
} {
  const mine = words(pageLanguage());
  const options = PARTS.map((value) => ({ value, label: mine[PART_WORDS[value]] }));
  const box = (min: number, max: number): Record<string, unknown> => ({ number: { min, max, mode: "box" } });
  // Of the devices of this integration, only wall connectors have a plug.
  const plug = { integration: DOMAIN, domain: "binary_sensor", device_class: "plug" };
  return {
    schema: [
      { name: "title", selector: { text: {} } },
      { name: "wall_connectors", selector: { device: { multiple: true, entity: plug } } },
      { name: "show", selector: { select: { multiple: true, mode: "list", options } } },
      { name: "sessions", selector: box(1, 100) },
      { name: "step", selector: box(1, 8) },
    ],
    computeLabel: ({ name }) => mine[LABELS[name] ?? "f_title"],
    computeHelper: ({ name }) =>
      name === "wall_connectors" ? mine.f_connectors_help : name === "show" ? mine.f_show_help : undefined,
    assertConfig: (config) => {
      checked(config);
    },
  };
}

const LABELS: Record<string, Word> = {
  title: "f_title",
  wall_connectors: "f_connectors",
  show: "f_show",
  sessions: "f_sessions",
  step: "f_step",
};

/** The language of the page, which says it of itself. */
export function pageLanguage(): string {
  return document.documentElement.lang || navigator.language;
}

