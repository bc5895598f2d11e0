/** The second view: what each car or wall connector took from where, the last day in amps, and the list of charges. */
import { CARD } from "../card/config";
import { DOMAIN, type HomeAssistant } from "../ha";
import type { House, Part } from "../house";
import { say, type Word } from "../words";
import { heading, ids, type Section } from "./cards";

/** What the statistics of a source end in, and how it is called and drawn here. */
const SOURCES: [string, Word | null, string][] = [
  ["sun", "sun", "#ff9800"],
  ["battery", "battery", "#4db6ac"],
  ["grid", "grid", "#488fc2"],
  ["unknown", null, "#9e9e9e"],
];

export async function historyView(hass: HomeAssistant, house: House): Promise<Record<string, unknown>> {
  const known = await statistics(hass);
  const months = [...house.connectors, ...house.cars].flatMap((part) => monthOf(hass, part, known));
  const amps = house.connectors.flatMap((part) =>
    ids(part, ["offered_current", "charging_current"]).map((entity) => ({ entity })),
  );
  const watts = [
    ...house.shared.flatMap((part) => ids(part, ["surplus_power"])),
    ...house.connectors.flatMap((part) => ids(part, ["charging_power"])),
  ].map((entity) => ({ entity }));
  const graph = (entities: unknown[]): Record<string, unknown> => ({
    type: "history-graph",
    hours_to_show: 24,
    entities,
    grid_options: { columns: "full" },
  });
  const sections: Section[] = [
    {
      type: "grid",
      column_span: 2,
      cards: [
        { type: `custom:${CARD}`, show: ["sessions"], sessions: 30, grid_options: { columns: "full" } },
      ],
    },
    ...(months.length === 0
      ? []
      : [{ type: "grid" as const, cards: [heading(say(hass, "days"), "mdi:chart-bar"), ...months] }]),
    {
      type: "grid",
      column_span: 2,
      cards: [
        heading(say(hass, "day"), "mdi:chart-line"),
        ...[amps, watts].filter((one) => one.length > 0).map((one) => ({ ...graph(one), type: "history-graph" })),
      ],
    },
  ];
  return {
    title: say(hass, "view_history"),
    path: "history",
    icon: "mdi:chart-bar",
    type: "sections",
    max_columns: 3,
    sections,
  };
}

/** Which long-term statistics there are: one begins with the first kWh from its source. */
async function statistics(hass: HomeAssistant): Promise<Set<string>> {
  try {
    const found = await hass.callWS<{ statistic_id: string }[]>({
      type: "recorder/list_statistic_ids",
      statistic_type: "sum",
    });
    return new Set(found.map((one) => one.statistic_id));
  } catch {
    // There is no recorder.
    return new Set();
  }
}

function monthOf(hass: HomeAssistant, part: Part, known: Set<string>): { type: string; [more: string]: unknown }[] {
  const entities = SOURCES.map(([source, word, color]) => ({
    entity: `${DOMAIN}:${part.known}_${source}`.toLowerCase(),
    color,
    ...(word === null ? {} : { name: say(hass, word) }),
  })).filter(({ entity }) => known.has(entity));
  return entities.length === 0
    ? []
    : [
        {
          type: "statistics-graph",
          title: part.name,
          entities,
          days_to_show: 30,
          period: "day",
          stat_types: ["change"],
          chart_type: "bar",
        },
      ];
}
