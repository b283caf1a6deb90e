import { de } from "./text.de.ts";
import { en } from "./text.en.ts";

export type Key = keyof typeof de;
export type Language = "de" | "en";
const ALL: Record<Language, Record<Key, string>> = { de, en };

const REGION: Record<Language, string> = { de: "de-DE", en: "en-GB" };

let language: Language = "de";

export function setLanguage(wanted: Language): void {
  language = wanted;
  document.documentElement.lang = wanted;
}

export function currentLanguage(): Language {
  return language;
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return ALL[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A sentence for a code that the API answers with; unknown codes get the general one. */
export function known(prefix: string, code: string, fallback: Key): string {
  const key = `${prefix}_${code}` as Key;
  return t(key in ALL[language] ? key : fallback);
}

export function count(key: Key, n: number): string {
  const one = `${key}_one` as Key;
  return t(n === 1 && one in ALL[language] ? one : key, { n: number(n) });
}

export function number(value: number): string {
  return new Intl.NumberFormat(REGION[language]).format(value);
}

export function bytes(value: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log(value) / Math.log(1024)));
  const shown = value / 1024 ** step;
  const digits = step === 0 || shown >= 100 ? 0 : 1;
  return new Intl.NumberFormat(REGION[language], { style: "unit", unit: units[step]!, maximumFractionDigits: digits }).format(shown);
}

export function when(iso: string): string {
  return new Intl.DateTimeFormat(REGION[language], { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export function day(iso: string): string {
  return new Intl.DateTimeFormat(REGION[language], { dateStyle: "long" }).format(new Date(iso));
}

export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat(REGION[language], { style: "currency", currency: currency.toUpperCase() });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
