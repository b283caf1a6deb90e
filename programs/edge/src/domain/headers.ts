import type { Manifest } from "../shared/site.ts";
import { headerAllowed } from "../shared/tenant-headers.ts";
import type { HostEntry } from "./lookup.ts";
import { matches } from "./resolve.ts";

export type Place = { entry: HostEntry; https: boolean };

/** On every answer of this Worker; nothing a tenant sets comes after it. */
export function securityHeaders(place: Place | null): Record<string, string> {
  const always = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "SAMEORIGIN",
  };
  if (!place?.https) return always;
  const own = place.entry.kind === "own";
  return { ...always, "strict-transport-security": own ? "max-age=31536000" : "max-age=31536000; includeSubDomains" };
}

export function fileHeaders(manifest: Manifest, path: string, type: string, place: Place): Headers {
  const preview = place.entry.kind === "preview";
  const headers = new Headers({ "cache-control": freshness(path, type) });
  for (const rule of manifest.settings.headers.filter((candidate) => matches(candidate.path, path))) {
    for (const [name, value] of Object.entries(rule.set)) if (headerAllowed(name)) headers.set(name, value);
  }
  headers.set("content-type", type);
  if (type === "image/svg+xml") headers.set("content-security-policy", "script-src 'none'; sandbox");
  if (preview) headers.set("cache-control", "no-store");
  if (preview) headers.set("x-robots-tag", "noindex");
  for (const [name, value] of Object.entries(securityHeaders(place))) headers.set(name, value);
  return headers;
}

function freshness(path: string, type: string): string {
  if (type.startsWith("text/html")) return "public, max-age=0, must-revalidate";
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /(^|[.\-_])[0-9a-f]{8,}\./.test(name) ? "public, max-age=31536000, immutable" : "public, max-age=3600";
}
