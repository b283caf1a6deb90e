import { Problem } from "../shared/errors.ts";
import { isRecord } from "../shared/http.ts";
import { filePath, ownPath } from "../shared/paths.ts";
import { headerAllowed } from "../shared/tenant-headers.ts";
import type { HeaderRule, Redirect, Settings } from "../shared/site.ts";

export function settingsFrom(value: unknown, base: Settings): Settings {
  if (!isRecord(value)) throw bad("settings");
  const extra = Object.keys(value).find((key) => !["spa", "slash", "redirects", "headers"].includes(key));
  if (extra) throw bad(extra);
  const merged = { ...base, ...value };
  if (typeof merged.spa !== "boolean") throw bad("spa");
  if (!["add", "strip", "keep"].includes(merged.slash)) throw bad("slash");
  return {
    spa: merged.spa,
    slash: merged.slash,
    redirects: rules(merged.redirects, "redirects").map(redirect),
    headers: rules(merged.headers, "headers").map(headerRule),
  };
}

function rules(value: unknown, field: string): Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length > 200 || !value.every(isRecord)) throw bad(field);
  return value;
}

function redirect(rule: Record<string, unknown>): Redirect {
  const { from, to, status = 301 } = rule;
  if (typeof from !== "string" || typeof to !== "string" || ![301, 302, 307, 308].includes(status as number)) throw bad("redirects");
  pattern(from);
  if (!ownTarget(to) && !foreignTarget(to)) throw bad("redirects");
  if (to.includes("*") && (!from.endsWith("*") || !to.endsWith("*") || to.indexOf("*") !== to.length - 1)) throw bad("redirects");
  return { from, to, status: status as number };
}

function headerRule(rule: Record<string, unknown>): HeaderRule {
  const { path, set } = rule;
  if (typeof path !== "string" || !isRecord(set)) throw bad("headers");
  pattern(path);
  const pairs = Object.entries(set).map(([name, text]) => {
    if (!headerAllowed(name) || typeof text !== "string" || !/^[\x20-\x7e]{0,2000}$/.test(text)) throw bad(name.slice(0, 60));
    return [name.toLowerCase(), text] as const;
  });
  return { path, set: Object.fromEntries(pairs) };
}

/** An exact path, or one with a single `*` as its last character. */
function pattern(value: string): void {
  const stem = value.endsWith("*") ? value.slice(0, -1) : value;
  const plain = stem.replace(/\/$/, "");
  if (!stem.startsWith("/")) throw bad("path");
  if (plain) filePath(plain);
}

function ownTarget(to: string): boolean {
  const stem = to.split("#")[0] ?? "";
  return to.startsWith("/") && ownPath(stem.replace("*", "x")) !== "/" ? true : to === "/" || to === "/*";
}

/** Another site only over https, and with its host complete before any `*` is filled in. */
function foreignTarget(to: string): boolean {
  return /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?\/[\x21-\x7e]*$/i.test(to);
}

function bad(field: string): Problem {
  return new Problem(400, "bad_settings", { field });
}
