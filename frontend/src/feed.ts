/** What flows in each house, told by the integration while somebody looks. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Connection, DOMAIN, type HomeAssistant } from "./ha";

export interface HouseNow {
  entry_ids: string[];
  /** A of the main fuse, where it is guarded. */
  fuse: number | null;
  /** grid: positive while it imports; battery: positive while it charges. */
  watts: Record<"solar" | "grid" | "battery" | "home", number | null> & { cars: number };
  battery_soc: number | null;
  phases: (number | null)[];
  /** Whether the sun is so far down that nothing comes from it. */
  dark: boolean;
  entities: Partial<Record<"solar" | "grid" | "battery" | "home" | "battery_soc" | "phases", string[]>>;
}

const MESSAGE = { type: `${DOMAIN}/houses` };
const TRY_AGAIN = 5000;

/** Subscribes for an element while it is on the page, also when the connection comes back or the integration does. */
export class HouseFeed implements ReactiveController {
  houses: HouseNow[] | null = null;
  private connection: Connection | null = null;
  private unsubscribe: (() => Promise<void>) | null = null;
  private later: ReturnType<typeof setTimeout> | undefined;
  /** Which attempt is the last one: an answer to an earlier one comes too late. */
  private attempt = 0;
  private shown = false;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  follow(hass: HomeAssistant): void {
    if (hass.connection !== this.connection) {
      this.stop();
      this.connection = hass.connection;
      this.start();
    }
  }

  hostConnected(): void {
    this.shown = true;
    this.start();
  }

  hostDisconnected(): void {
    this.shown = false;
    this.stop();
  }

  private start(): void {
    if (this.connection !== null && this.shown) {
      this.connection.addEventListener("ready", this.begin);
      void this.begin();
    }
  }

  private stop(): void {
    this.connection?.removeEventListener("ready", this.begin);
    clearTimeout(this.later);
    this.attempt += 1;
    // One whose connection is gone cannot be ended, and has ended.
    this.unsubscribe?.().catch(() => undefined);
    this.unsubscribe = null;
  }

  private readonly begin = async (): Promise<void> => {
    const attempt = ++this.attempt;
    clearTimeout(this.later);
    try {
      const unsubscribe = await this.connection?.subscribeMessage<{ houses: HouseNow[] }>(
        ({ houses }) => this.take(attempt, houses),
        MESSAGE,
        { resubscribe: false },
      );
      if (attempt === this.attempt) {
        this.unsubscribe = unsubscribe ?? null;
      } else {
        unsubscribe?.().catch(() => undefined);
      }
    } catch {
      // Home Assistant is starting, and the integration is not there yet.
      if (attempt === this.attempt) {
        this.later = setTimeout(this.begin, TRY_AGAIN);
      }
    }
  };

  private take(attempt: number, houses: HouseNow[]): void {
    if (attempt === this.attempt) {
      this.houses = houses;
      this.host.requestUpdate();
    }
  }
}

/** Ask once. */
export async function houseNow(hass: HomeAssistant): Promise<HouseNow[]> {
  return new Promise((resolve) => {
    let unsubscribe: (() => Promise<void>) | undefined;
    let answered = false;
    const take = ({ houses }: { houses: HouseNow[] }): void => {
      answered = true;
      resolve(houses);
      unsubscribe?.().catch(() => undefined);
    };
    hass.connection.subscribeMessage<{ houses: HouseNow[] }>(take, MESSAGE, { resubscribe: false }).then(
      (end) => {
        unsubscribe = end;
        if (answered) {
          end().catch(() => undefined);
        }
      },
      () => resolve([]),
    );
  });
}
