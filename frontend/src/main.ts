/** Makes the card and the dashboard known to Home Assistant's page. */
import { CARD, pageLanguage } from "./card/config";
import { TeslaTwcCard } from "./card/card";
import { define, offer } from "./define";
import { refreshIfLate } from "./refresh";
import { suggestionsFor } from "./suggestions";
import { TeslaTwcDashboard } from "./strategy/dashboard";
import { words } from "./words";

const NAME = "Tesla Wall Connector";
const STRATEGY = "tesla-twc";

define(CARD, TeslaTwcCard);
define(`ll-strategy-dashboard-${STRATEGY}`, TeslaTwcDashboard);

// Read when the page lists them, by when it knows its language.
offer("customCards", {
  type: CARD,
  name: NAME,
  preview: true,
  get description() {
    return words(pageLanguage()).card_about;
  },
  getEntitySuggestion: suggestionsFor,
});
offer("customStrategies", {
  type: STRATEGY,
  strategyType: "dashboard",
  name: NAME,
  get description() {
    return words(pageLanguage()).dashboard_about;
  },
});

refreshIfLate(`custom:${STRATEGY}`);
