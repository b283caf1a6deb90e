/** The studio's page and files; everything it shows comes later, over the API. */
import { assets, html } from "studio:assets";
import { Problem } from "../shared/errors.ts";
import type { CoreEnv } from "./env.ts";

const VIEWS = ["/", "/versions", "/messages", "/domains", "/invoices"];
const CSP = "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'";

function headers(env: CoreEnv | null): Record<string, string> {
  const always = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  };
  return env?.PUBLIC_SCHEME === "https" ? { ...always, "strict-transport-security": "max-age=31536000; includeSubDomains" } : always;
}

export function shell(env: CoreEnv, path: string): Response {
  return new Response(html, {
    status: VIEWS.includes(path) ? 200 : 404,
    headers: { ...headers(env), "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}

export function asset(path: string): Response {
  const name = path.slice("/assets/".length);
  const found = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (!found) throw new Problem(404, "not_found");
  return new Response(found.body, {
    headers: { ...headers(null), "content-type": found.type, "cache-control": "public, max-age=31536000, immutable" },
  });
}
