/** The table of the latest charges with the sun's share and the cost. */
import { html, nothing, type TemplateResult } from "lit";
import { dayAndTime, energy, money, percent } from "../format";
import type { HomeAssistant } from "../ha";
import type { Part } from "../house";
import { nameOf, say } from "../words";
import type { Charge, Charges } from "./charges";

/** charges: null while they are asked for; "failed" where they cannot be told. */
export function renderSessions(
  hass: HomeAssistant,
  connectors: Part[],
  charges: Charges | null | "failed",
  wanted: number,
  several: boolean,
): TemplateResult | typeof nothing {
  if (charges === null) {
    return nothing;
  }
  const title = html`<h3 id="charges">${say(hass, "charges")}</h3>`;
  if (charges === "failed") {
    return html`<section aria-labelledby="charges">${title}<p class="quiet">${say(hass, "no_list")}</p></section>`;
  }
  const names = new Set(connectors.map((one) => one.name));
  const rows = charges.sessions
    .filter((one) => !several || names.has(one.wall_connector))
    .sort((a, b) => Date.parse(b.start) - Date.parse(a.start))
    .slice(0, wanted);
  if (rows.length === 0) {
    return html`<section aria-labelledby="charges">${title}<p class="quiet">${say(hass, "no_charges")}</p></section>`;
  }
  const costs = rows.some((one) => one.cost !== null);
  return html`
    <section aria-labelledby="charges">
      ${title}
      <table aria-labelledby="charges">
        <thead>
          <tr>
            <th scope="col">${say(hass, "start")}</th>
            <th scope="col">${nameOf(hass, "select", "car", "cars")}</th>
            <th scope="col" class="figure">${say(hass, "energy")}</th>
            <th scope="col" class="figure">${say(hass, "from_sun")}</th>
            ${costs ? html`<th scope="col" class="figure">${say(hass, "cost")}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${rows.map((one) => row(hass, one, costs))}
        </tbody>
      </table>
    </section>
  `;
}

function row(hass: HomeAssistant, one: Charge, costs: boolean): TemplateResult {
  return html`
    <tr>
      <td>${dayAndTime(hass, one.start)}${one.end === null ? html` <em>(${say(hass, "going_on")})</em>` : nothing}</td>
      <td>${one.car ?? one.wall_connector}</td>
      <td class="figure">${energy(hass, one.energy)}</td>
      <td class="figure">${one.sun_share === null ? "–" : percent(hass, one.sun_share)}</td>
      ${costs ? html`<td class="figure">${one.cost === null ? "–" : money(hass, one.cost)}</td>` : nothing}
    </tr>
  `;
}
