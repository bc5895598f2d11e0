/** What the card picker proposes for an entity of this integration. */
import { CARD } from "./card/config";
import { DOMAIN, type HomeAssistant } from "./ha";
import { houseOf } from "./house";

interface Suggestion {
  config: { type: string; wall_connectors?: string[] };
}

/** Of a wall connector, the card about that one; of anything else here, the card about all. */
export function suggestionsFor(hass: HomeAssistant, entityId: string): Suggestion[] | null {
  const entity = hass.entities[entityId];
  if (entity?.platform !== DOMAIN) {
    return null;
  }
  const type = `custom:${CARD}`;
  const { connectors } = houseOf(hass);
  const whose = connectors.find((one) => one.device === entity.device_id);
  return whose === undefined ? [{ config: { type } }] : [{ config: { type, wall_connectors: [whose.device] } }];
}
