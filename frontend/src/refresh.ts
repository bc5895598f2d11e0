/** Home Assistant waits five seconds for the element of a dashboard and then shows an error for good. On a slow line this
 * file comes later than that: then the page is told to look again, as its own elements do.
 */
interface Root extends Element {
  lovelace?: { rawConfig?: { strategy?: { type?: string } }; config?: { views?: { title?: string }[] } };
}

const WAY = ["home-assistant", "home-assistant-main", "ha-panel-lovelace", "hui-root"];

/** Look again where the dashboard that is open is of this kind and could not be made. */
export function refreshIfLate(type: string): void {
  let at: Root | null = null;
  for (const name of WAY) {
    at = (at === null ? document : (at.shadowRoot ?? at)).querySelector<Root>(name);
    if (at === null) {
      return;
    }
  }
  const { rawConfig, config } = at?.lovelace ?? {};
  if (rawConfig?.strategy?.type === type && config?.views?.[0]?.title === "Error") {
    at?.dispatchEvent(new CustomEvent("config-refresh", { bubbles: true, composed: true }));
  }
}
