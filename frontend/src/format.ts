/** Numbers and times as the owner reads them. */
import type { HomeAssistant } from "./ha";

function number(hass: HomeAssistant, value: number, digits: number): string {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(hass.locale.language, format).format(value);
}

/** W below a kilowatt, kW above; without a sign. */
export function power(hass: HomeAssistant, watts: number): string {
  const size = Math.abs(watts);
  return size < 1000 ? `${number(hass, Math.round(size), 0)} W` : `${number(hass, size / 1000, 1)} kW`;
}

export function energy(hass: HomeAssistant, kwh: number): string {
  return `${number(hass, kwh, 1)} kWh`;
}

export function amps(hass: HomeAssistant, value: number): string {
  return number(hass, value, value % 1 === 0 ? 0 : 1);
}

export function percent(hass: HomeAssistant, value: number): string {
  return new Intl.NumberFormat(hass.locale.language, { style: "percent" }).format(value / 100);
}

export function money(hass: HomeAssistant, value: number): string {
  const format = { style: "currency" as const, currency: hass.config.currency };
  return new Intl.NumberFormat(hass.locale.language, format).format(value);
}

export function dayAndTime(hass: HomeAssistant, iso: string): string {
  return new Intl.DateTimeFormat(hass.locale.language, { day: "numeric", month: "short", ...clockOf(hass) }).format(
    new Date(iso),
  );
}

const HOUR_AND_MINUTE = { hour: "2-digit", minute: "2-digit" } as const;

/** On the clock of the house, wherever the page is looked at: a departure is set by it, and the sentence tells it so. */
export function timeOfDay(hass: HomeAssistant, iso: string): string {
  const format = { ...clockOf(hass), timeZone: hass.config.time_zone };
  return new Intl.DateTimeFormat(hass.locale.language, format).format(new Date(iso));
}

/** A sentence of the integration with its times of day, which it tells as 20:26, on the clock that the owner reads. */
export function onOwnClock(hass: HomeAssistant, sentence: string): string {
  const { hour12 } = clockOf(hass);
  const format = new Intl.DateTimeFormat(hass.locale.language, { ...HOUR_AND_MINUTE, hour12, timeZone: "UTC" });
  if (!format.resolvedOptions().hour12) {
    return sentence;
  }
  return sentence.replace(/\b([01]\d|2[0-3]):([0-5]\d)\b/g, (_, hour: string, minute: string) =>
    format.format(Date.UTC(2000, 0, 1, Number(hour), Number(minute))),
  );
}

function clockOf(hass: HomeAssistant): Intl.DateTimeFormatOptions {
  return {
    ...HOUR_AND_MINUTE,
    ...(zoneOf(hass) === undefined ? {} : { timeZone: zoneOf(hass) as string }),
    ...(hass.locale.time_format === "24" ? { hour12: false } : hass.locale.time_format === "12" ? { hour12: true } : {}),
  };
}

/** The zone in which the owner reads times; undefined is that of his browser. */
function zoneOf(hass: HomeAssistant): string | undefined {
  return hass.locale.time_zone === "server" ? hass.config.time_zone : undefined;
}

/** A sentence in which no line ends between a figure and its unit. */
export function unbroken(sentence: string): string {
  return sentence.replace(/(\d) (?=(?:kWh|kW|W|A|%|s|h|min)(?![\p{L}\p{N}]))/gu, "$1\u00a0");
}
