/** From a host name to a tenant, its document and the release that is live. */
import { readTenant, type TenantDoc } from "../shared/entitlements.ts";
import { draftKey, liveKey, manifestKey } from "../shared/keys.ts";
import type { Manifest, Pointer } from "../shared/site.ts";
import type { DomainEnv } from "./env.ts";
import { Memo } from "./memo.ts";

export type HostEntry = { v: 1; t: string; kind: "sub" | "own" | "preview"; to: string | null };
const hosts = new Memo<HostEntry | null>(5000);
const tenants = new Memo<TenantDoc | null>(5000);
const pointers = new Memo<Pointer | null>(5000);
const manifests = new Memo<Manifest>(64);

const ttl = (env: DomainEnv): number => Number(env.MEMO_MS);

export function findHost(env: DomainEnv, host: string): Promise<HostEntry | null> {
  return hosts.get(host, ttl(env), () => env.ROUTING.get<HostEntry>(`h:${host}`, { type: "json", cacheTtl: 60 }));
}

export function findTenant(env: DomainEnv, tid: string): Promise<TenantDoc | null> {
  return tenants.get(tid, ttl(env), () => readTenant(env.ROUTING, tid));
}

export function findPointer(env: DomainEnv, tid: string): Promise<Pointer | null> {
  return pointers.get(tid, ttl(env), () => readJson<Pointer>(env, liveKey(tid)));
}

/** A release never changes, so it may be remembered for as long as there is room; a lost one is not remembered as lost. */
export function findManifest(env: DomainEnv, tid: string, release: string): Promise<Manifest> {
  const key = manifestKey(tid, release);
  return manifests.get(key, 24 * 3600 * 1000, async () => {
    const manifest = await readJson<Manifest>(env, key);
    if (!manifest) throw new Error(`manifest_missing ${key}`);
    return manifest;
  });
}

export function readDraft(env: DomainEnv, tid: string): Promise<Manifest | null> {
  return readJson<Manifest>(env, draftKey(tid));
}

async function readJson<T>(env: DomainEnv, key: string): Promise<T | null> {
  return (await (await env.SITES.get(key))?.json<T>()) ?? null;
}
