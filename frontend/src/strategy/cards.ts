/** Built-in cards, put together from what is there: what a device does not have, or its owner has hidden, is left out. */
import type { Part } from "../house";

export type Card = { type: string; [more: string]: unknown };

export interface Section {
  type: "grid";
  cards: Card[];
  column_span?: number;
}

/** null where nothing but its heading would be in it. */
export function section(heading: Card, cards: Card[]): Section | null {
  return cards.length === 0 ? null : { type: "grid", cards: [heading, ...cards] };
}

export function heading(text: string, icon: string, badges: string[] = []): Card {
  return {
    type: "heading",
    heading: text,
    heading_style: "title",
    icon,
    ...(badges.length === 0 ? {} : { badges: badges.map((entity) => ({ type: "entity", entity })) }),
  };
}

interface Look {
  columns?: number;
  feature?: Card;
  more?: Record<string, unknown>;
}

/** A tile for each key that the part has. */
export function tiles(part: Part, keys: string[], { columns = 12, feature, more = {} }: Look = {}): Card[] {
  return keys
    .filter((key) => key in part.its && !part.hidden.has(key))
    .map((key) => ({
      type: "tile",
      entity: part.its[key],
      name: { type: "entity" },
      grid_options: { columns },
      ...(feature === undefined ? {} : { features: [feature] }),
      ...more,
    }));
}

/** The entity ids of those keys that the part has. */
export function ids(part: Part, keys: string[]): string[] {
  return keys.flatMap((key) => (part.hidden.has(key) ? [] : (part.its[key] ?? [])));
}

export function there<T>(items: (T | null)[]): T[] {
  return items.filter((item) => item !== null);
}
