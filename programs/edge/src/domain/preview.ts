import { cookies } from "../shared/http.ts";
import { previewGranted } from "../shared/tokens.ts";
import type { DomainEnv } from "./env.ts";
import { securityHeaders, type Place } from "./headers.ts";

const COOKIE = "__Host-sp_preview";

export async function openPreview(env: DomainEnv, url: URL, place: Place): Promise<Response | null> {
  const token = url.searchParams.get("token") ?? "";
  const grant = await previewGranted(env.PREVIEW_KEY, token, place.entry.t, url.hostname, Date.now());
  if (!grant) return null;
  const age = Math.max(1, Math.floor(grant.exp - Date.now() / 1000));
  return new Response(null, {
    status: 303,
    headers: {
      ...securityHeaders(place),
      location: "/",
      "set-cookie": `${COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${age}`,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex",
    },
  });
}

export async function mayPreview(env: DomainEnv, request: Request, host: string, place: Place): Promise<boolean> {
  for (const token of cookies(request, COOKIE)) {
    if (await previewGranted(env.PREVIEW_KEY, token, place.entry.t, host, Date.now())) return true;
  }
  return false;
}
