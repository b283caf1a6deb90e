/** Reading a tenant's storage from outside: backup, export, metering. */
import { Problem } from "../shared/errors.ts";
import { home, objectKey } from "../shared/keys.ts";
import type { CustomerEnv } from "./env.ts";
import { listAll } from "./documents.ts";

export type ObjectFacts = { key: string; size: number; etag: string; uploaded: string };

export async function listObjects(
  env: CustomerEnv,
  tid: string,
  prefix: string,
  cursor: string | null,
): Promise<{ objects: ObjectFacts[]; cursor: string | null }> {
  if (!["", "b/", "m/", "inbox/"].includes(prefix)) throw new Problem(400, "bad_prefix");
  const inbox = prefix === "inbox/";
  const from = home(tid) + (inbox ? "" : prefix);
  const page = await (inbox ? env.INBOX : env.SITES).list({ prefix: from, cursor: cursor ?? undefined, limit: 1000 });
  const named = (key: string): string => (inbox ? `inbox/${key.slice(key.lastIndexOf("/") + 1, -5)}` : key.slice(home(tid).length));
  const objects = page.objects.map(({ key, size, etag, uploaded }) => ({ key: named(key), size, etag, uploaded: uploaded.toISOString() }));
  return { objects, cursor: page.truncated ? page.cursor : null };
}

export async function readObject(
  env: CustomerEnv,
  tid: string,
  name: string,
): Promise<{ size: number; etag: string; body: ReadableStream }> {
  const { bucket, key } = objectKey(tid, name);
  const object = await env[bucket].get(key);
  if (!object) throw new Problem(404, "no_such_object");
  return { size: object.size, etag: object.etag, body: object.body };
}

export type Usage = { bytes: number; files: number; releases: number; inbox: number };

export async function usage(env: CustomerEnv, tid: string): Promise<Usage> {
  const sum: Usage = { bytes: 0, files: 0, releases: 0, inbox: 0 };
  for await (const object of listAll(env.SITES, home(tid))) {
    sum.bytes += object.size;
    if (object.key.startsWith(`${home(tid)}b/`)) sum.files += 1;
    if (object.key.startsWith(`${home(tid)}m/`)) sum.releases += 1;
  }
  for await (const object of listAll(env.INBOX, home(tid))) {
    sum.bytes += object.size;
    sum.inbox += 1;
  }
  return sum;
}
