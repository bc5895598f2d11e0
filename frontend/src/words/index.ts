/** Own texts in the language of whoever looks; of a language that is not here, in English. */
import { DOMAIN, type HomeAssistant } from "../ha";
import { da } from "./da";
import { de } from "./de";
import { en, type Words } from "./en";
import { es } from "./es";
import { fr } from "./fr";
import { it } from "./it";
import { nb } from "./nb";
import { nl } from "./nl";
import { sv } from "./sv";

const LANGUAGES: Record<string, Words> = { da, de, en, es, fr, it, nb, nl, sv };

export type Word = keyof Words;

export function words(language: string): Words {
  return LANGUAGES[language] ?? LANGUAGES[language.split("-")[0] ?? ""] ?? en;
}

export function say(hass: HomeAssistant, word: Word, values: Record<string, string> = {}): string {
  return fill(words(hass.language)[word], values);
}

export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The name that the integration gives an entity of this kind, in the page's language. */
export function nameOf(hass: HomeAssistant, platform: string, key: string, otherwise: Word): string {
  return hass.localize(`component.${DOMAIN}.entity.${platform}.${key}.name`) || say(hass, otherwise);
}
