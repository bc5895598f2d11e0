/** The dashboard that makes itself: views of built-in cards for what is really there. */
import { houseNow } from "../feed";
import type { HomeAssistant } from "../ha";
import { houseOf } from "../house";
import { chargingView } from "./charging-view";
import { historyView } from "./history-view";
import { houseView } from "./house-view";

/** What the page asks of a strategy: static methods of an element that is never shown. */
export class TeslaTwcDashboard extends HTMLElement {
  /** It is made anew when one of these changes. */
  static registryDependencies = ["entities", "devices"];

  /** There is nothing to choose: whoever edits it takes it over. */
  static noEditor = true;

  static async generate(_: unknown, hass: HomeAssistant): Promise<{ views: Record<string, unknown>[] }> {
    const house = houseOf(hass);
    const houses = await houseNow(hass);
    const charging = chargingView(hass, house, houses);
    if (house.connectors.length === 0) {
      return { views: [charging] };
    }
    return { views: [charging, await historyView(hass, house), houseView(hass, house, houses)] };
  }

  static getCreateSuggestions(): { title: string; icon: string } {
    return { title: "Tesla Wall Connector", icon: "mdi:ev-station" };
  }
}
