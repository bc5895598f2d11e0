/** The card: what built-in cards cannot draw of wall connectors, their cars and the house. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { HouseFeed, type HouseNow } from "../feed";
import type { HomeAssistant } from "../ha";
import { type House, houseOf, type Part } from "../house";
import { say } from "../words";
import { type Charges, charges, forgetCharges, upToNow } from "./charges";
import { type CardConfig, type CardPart, checked, configForm, DEFAULT_SESSIONS, DEFAULT_STEP, PARTS } from "./config";
import { type Orders, renderConnector } from "./connector";
import { renderFlow } from "./flow";
import { renderSessions } from "./sessions";
import { styles } from "./styles";
import { askToday, renderToday, type Today, todayKey } from "./today";

const LOOK_AGAIN = 300_000;
/** A wall connector follows within seconds; what it does not take by then is not shown as taken. */
const PATIENCE = 8000;

export class TeslaTwcCard extends LitElement {
  static override styles = styles;
  static override properties = { hass: { attribute: false }, config: { state: true } };

  declare hass: HomeAssistant | undefined;
  declare config: CardConfig | undefined;

  private readonly feed = new HouseFeed(this);
  private house: House | null = null;
  private list: Charges | null | "failed" = null;
  private today: Today | null = null;
  private plugged = "";
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly wanted = new Map<string, number>();
  private readonly orders: Orders = {
    wanted: this.wanted,
    setMode: (entityId, mode) => void this.act("select", "select_option", entityId, { option: mode }),
    setSwitch: (entityId, on) => void this.act("switch", on ? "turn_on" : "turn_off", entityId, {}),
    setLimit: (entityId, value, done) => this.setLimit(entityId, value, done),
  };

  static getConfigForm(): ReturnType<typeof configForm> {
    return configForm();
  }

  static getStubConfig(): Partial<CardConfig> {
    return { show: [...PARTS] };
  }

  setConfig(config: CardConfig): void {
    this.config = checked(config);
    this.plugged = "";
  }

  getCardSize(): number {
    return 4 + 3 * this.connectors().length;
  }

  getGridOptions(): Record<string, unknown> {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => void this.ask(), LOOK_AGAIN);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  /** Home Assistant hands over everything whenever anything changes in the house; most of it is none of ours. */
  protected override shouldUpdate(changed: PropertyValues): boolean {
    const before = changed.get("hass") as HomeAssistant | undefined;
    const now = this.hass;
    if (!changed.has("hass") || before === undefined || now === undefined || changed.size > 1) {
      return true;
    }
    if (
      before.entities !== now.entities ||
      before.devices !== now.devices ||
      before.locale !== now.locale ||
      before.localize !== now.localize ||
      before.connected !== now.connected
    ) {
      return true;
    }
    const parts = this.house === null ? [] : [...this.house.connectors, ...this.house.cars];
    return parts.some(({ its }) => Object.values(its).some((id) => before.states[id] !== now.states[id]));
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { hass } = this;
    if (hass === undefined || this.config === undefined) {
      return;
    }
    const before = changed.get("hass") as HomeAssistant | undefined;
    if (this.house === null || before?.entities !== hass.entities || before.devices !== hass.devices) {
      this.house = houseOf(hass);
    }
    if (this.shown.has("flow") || this.shown.has("today")) {
      this.feed.follow(hass);
    }
    for (const [entityId, value] of this.wanted) {
      if (Number(hass.states[entityId]?.state) === value && !this.dragging) {
        this.wanted.delete(entityId);
      }
    }
    this.followPlugs(hass);
  }

  private dragging = false;

  /** What changes the list of charges: a car that comes or goes. And the sensors of the sun, once they are known. */
  private followPlugs(hass: HomeAssistant): void {
    const plugs = this.connectors().map((one) => hass.states[one.its["plugged_in"] ?? ""]?.state);
    const plugged = JSON.stringify([plugs, this.sunSensors(), hass.connected]);
    if (plugged !== this.plugged) {
      this.plugged = plugged;
      forgetCharges();
      void this.ask();
    }
  }

  private async ask(): Promise<void> {
    const { hass, shown } = this;
    // Without a wall connector there is nobody to ask, and Home Assistant would write that down as an error.
    if (hass === undefined || !hass.connected || this.connectors().length === 0 || (!shown.has("sessions") && !shown.has("today"))) {
      return;
    }
    const sun = this.sunSensors();
    const cars = this.connectors().flatMap((one) => one.its["charging_power"] ?? []);
    const [list, today] = await Promise.all([
      charges(hass, this.config?.sessions ?? DEFAULT_SESSIONS).catch((): "failed" => "failed"),
      shown.has("today") ? askToday(hass, sun, cars).catch(() => null) : null,
    ]);
    this.list = list;
    this.today = today;
    this.requestUpdate();
  }

  private get shown(): ReadonlySet<CardPart> {
    const chosen = this.config?.show ?? [];
    return new Set(chosen.length === 0 ? PARTS : chosen);
  }

  /** The wall connectors that this card is about. */
  private connectors(): Part[] {
    const all = this.house?.connectors ?? [];
    const chosen = this.config?.wall_connectors ?? [];
    return chosen.length === 0 ? all : all.filter((one) => chosen.includes(one.device));
  }

  private houseNow(): HouseNow | null {
    const entries = new Set(this.connectors().map((one) => one.entry));
    return this.feed.houses?.find(({ entry_ids }) => entry_ids.some((one) => entries.has(one))) ?? null;
  }

  /** All wall connectors of that house: a picture without one of them would tell of power that goes nowhere. */
  private flowing(now: HouseNow | null): Part[] {
    return now === null ? this.connectors() : (this.house?.connectors ?? []).filter((one) => now.entry_ids.includes(one.entry));
  }

  private sunSensors(): string[] {
    return this.houseNow()?.entities.solar ?? [];
  }

  private setLimit(entityId: string, value: number, done: boolean): void {
    this.wanted.set(entityId, value);
    this.dragging = !done;
    this.requestUpdate();
    if (done) {
      void this.act("number", "set_value", entityId, { value });
      setTimeout(() => {
        if (!this.dragging && this.wanted.get(entityId) === value) {
          this.wanted.delete(entityId);
          this.requestUpdate();
        }
      }, PATIENCE);
    }
  }

  private async act(domain: string, service: string, entityId: string, data: Record<string, unknown>): Promise<void> {
    try {
      await this.hass?.callService(domain, service, data, { entity_id: entityId });
    } catch {
      // The page has said why. What was there before is shown again.
      this.wanted.delete(entityId);
      this.requestUpdate();
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { hass, house, config, shown } = this;
    if (hass === undefined || house === null || config === undefined) {
      return nothing;
    }
    const connectors = this.connectors();
    const title = config.title ? html`<h2>${config.title}</h2>` : nothing;
    if (connectors.length === 0) {
      return html`<ha-card>${title}<p class="quiet">${say(hass, "no_connectors")}</p></ha-card>`;
    }
    const orders = shown.has("decision") || shown.has("mode") || shown.has("limit");
    const step = config.step ?? DEFAULT_STEP;
    const some = (config.wall_connectors ?? []).length > 0;
    const alone = some && connectors.length === 1 && !config.title;
    const now = this.houseNow();
    const list = this.list === "failed" || some ? null : this.list;
    const sums = list === null ? null : upToNow(hass, connectors, list, todayKey(hass));
    return html`
      <ha-card>
        ${title}
        ${hass.connected ? nothing : html`<p class="quiet" role="status">${say(hass, "lost")}</p>`}
        ${shown.has("flow") ? renderFlow({ hass, house, connectors: this.flowing(now), now }, this) : nothing}
        ${shown.has("today") ? renderToday(hass, this.today, sums) : nothing}
        ${orders ? connectors.map((one) => renderConnector(hass, house, one, shown, step, alone, this.orders)) : nothing}
        ${shown.has("sessions")
          ? renderSessions(hass, connectors, this.list, config.sessions ?? DEFAULT_SESSIONS, some)
          : nothing}
      </ha-card>
    `;
  }
}
