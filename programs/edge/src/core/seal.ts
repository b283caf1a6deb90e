/** Values handed to a browser and taken back: signed with the newest session key, accepted under every one. */
import { b64url, hmac, hmacMatches, unb64 } from "../shared/crypto.ts";
import type { CoreEnv } from "./env.ts";

type Key = { kid: string; key: string };

function ring(env: CoreEnv): Key[] {
  return JSON.parse(env.SESSION_KEYS) as Key[];
}

export async function seal(env: CoreEnv, purpose: string, value: string): Promise<string> {
  const { kid, key } = ring(env)[0]!;
  return `${value}.${kid}.${b64url(await hmac(key, `${purpose}|${value}`))}`;
}

/** Costs one HMAC and no storage, so a made-up cookie is cheap to refuse. */
export async function unseal(env: CoreEnv, purpose: string, sealed: string): Promise<string | null> {
  const [value = "", kid = "", signature = "", ...rest] = sealed.split(".");
  const known = ring(env).find((candidate) => candidate.kid === kid);
  if (rest.length || !known || !/^[\w-]{1,2000}$/.test(value)) return null;
  return (await hmacMatches(known.key, `${purpose}|${value}`, signature)) ? value : null;
}

export function pack(value: object): string {
  return b64url(new TextEncoder().encode(JSON.stringify(value)));
}

export function unpack<T>(packed: string): T {
  return JSON.parse(new TextDecoder().decode(unb64(packed) ?? new Uint8Array())) as T;
}
