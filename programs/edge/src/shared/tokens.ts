/** Tokens under the preview key. The purpose is signed too, so one kind can never be used as another. */
import { b64url, hmac, hmacMatches, unb64 } from "./crypto.ts";

export type PreviewGrant = { t: string; h: string; exp: number };

export async function signPreview(key: string, grant: PreviewGrant): Promise<string> {
  const payload = b64url(new TextEncoder().encode(JSON.stringify(grant)));
  return `v1.${payload}.${b64url(await hmac(key, `preview|${payload}`))}`;
}

/** Good for one tenant on one host until it expires. */
export async function previewGranted(key: string, token: string, tid: string, host: string, now: number): Promise<PreviewGrant | null> {
  const [version, payload = "", signature = "", ...rest] = token.split(".");
  if (version !== "v1" || rest.length || !(await hmacMatches(key, `preview|${payload}`, signature))) return null;
  const grant = JSON.parse(new TextDecoder().decode(unb64(payload) ?? new Uint8Array())) as PreviewGrant;
  return grant.t === tid && grant.h === host && grant.exp > now / 1000 ? grant : null;
}

/** When a form was shown, so that answers faster than a person can be told from a visitor's. */
export async function signMoment(key: string, tid: string, now: number): Promise<string> {
  return `${now}.${b64url(await hmac(key, `form|${tid}|${now}`))}`;
}

export async function momentOf(key: string, tid: string, token: string): Promise<number | null> {
  const [moment = "", signature = ""] = token.split(".");
  if (!/^\d{1,15}$/.test(moment)) return null;
  return (await hmacMatches(key, `form|${tid}|${moment}`, signature)) ? Number(moment) : null;
}

export async function visitorHash(key: string, ip: string, now: number): Promise<string> {
  const day = new Date(now).toISOString().slice(0, 10);
  return b64url((await hmac(await hmac(key, `visitor|${day}`), ip)).subarray(0, 12));
}
