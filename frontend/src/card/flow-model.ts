/** Who feeds whom: the ribbons of the picture, by the rule by which sessions tell where energy came from.
 *
 * A car counts as the last load of the house. Of what it takes, what the house imports because of it is from the grid;
 * of the rest, what the battery gives is from the battery; what remains is from the sun.
 */
import type { HouseNow } from "../feed";

export type Source = "sun" | "surplus" | "battery" | "grid";

export interface Load {
  /** "home", "battery", "grid", or the device of a wall connector. */
  id: string;
  watts: number;
}

export interface Ribbon {
  from: Source;
  to: string;
  watts: number;
}

export interface Flow {
  sources: { id: Source; watts: number }[];
  loads: Load[];
  ribbons: Ribbon[];
}

/** Less than this is noise of meters, W. */
const NOTHING = 15;

export function flowOf(now: HouseNow | null, cars: Load[]): Flow {
  if (now === null || (now.watts.grid === null && now.watts.solar === null)) {
    return { sources: [], loads: cars, ribbons: [] };
  }
  const { grid, battery, solar } = now.watts;
  const taken = cars.reduce((sum, car) => sum + car.watts, 0);
  const left = new Map<Source, number>();
  const { sun, home } = sunAndHome(now, taken);
  if (sun !== null) {
    left.set(solar === null ? "surplus" : "sun", sun);
  }
  if (battery !== null) {
    left.set("battery", Math.max(0, -battery));
  }
  if (grid !== null) {
    left.set("grid", Math.max(0, grid));
  }
  const sources = [...left].map(([id, watts]) => ({ id, watts }));
  const ribbons: Ribbon[] = [];
  const feed = (from: Source, to: string, most: number): number => {
    const watts = Math.min(left.get(from) ?? 0, most);
    if (watts > 0) {
      left.set(from, (left.get(from) ?? 0) - watts);
      ribbons.push({ from, to, watts });
    }
    return most - watts;
  };
  const lit: Source = solar === null ? "surplus" : "sun";
  feedCars(cars, taken, left, lit, feed);
  const others: [string, number | null, Source[]][] = [
    ["home", home, [lit, "battery", "grid"]],
    ["battery", battery === null ? null : Math.max(0, battery), [lit, "grid"]],
    ["grid", grid === null ? null : Math.max(0, -grid), [lit, "battery"]],
  ];
  for (const [to, watts, from] of others) {
    from.reduce((most, one) => feed(one, to, most), watts ?? 0);
  }
  // The house always takes. Battery and grid stand on the side on which they are; one that does nothing, with those
  // that give.
  const loads = others.flatMap(([id, watts]) =>
    watts === null || (id !== "home" && watts < NOTHING) ? [] : [{ id, watts }],
  );
  const takes = new Set(loads.map(({ id }) => id));
  return {
    sources: sources.filter(({ id }) => !takes.has(id)),
    loads: [...loads, ...cars],
    ribbons: ribbons.filter(({ from, watts }) => watts >= NOTHING && !takes.has(from)),
  };
}

/** What the panels give, and what the house takes. Where only the grid is measured, one of both can be told. */
function sunAndHome(now: HouseNow, taken: number): { sun: number | null; home: number | null } {
  const { grid, battery, solar, home } = now.watts;
  if (solar !== null || grid === null) {
    return { sun: solar, home };
  }
  const balance = taken + (battery ?? 0) - grid;
  if (now.dark) {
    // The meter has not been told of the cars' last step yet.
    return { sun: 0, home: home ?? Math.max(0, -balance) };
  }
  return balance > 0 ? { sun: balance, home: null } : { sun: 0, home: home ?? -balance };
}

function feedCars(
  cars: Load[],
  taken: number,
  left: Map<Source, number>,
  lit: Source,
  feed: (from: Source, to: string, most: number) => number,
): void {
  const fromGrid = Math.min(left.get("grid") ?? 0, taken);
  const fromBattery = Math.min(left.get("battery") ?? 0, taken - fromGrid);
  for (const car of cars) {
    const share = taken > 0 ? car.watts / taken : 0;
    feed("grid", car.id, fromGrid * share);
    feed("battery", car.id, fromBattery * share);
    feed(lit, car.id, Math.max(0, car.watts - (fromGrid + fromBattery) * share));
  }
}
