/** Every storage key is built here, from a tenant id, a hash or a release id, never from a client's path. */
import { Problem } from "./errors.ts";

export const TENANT = /^[0-9a-z]{26}$/;
export const SHA = /^[0-9a-f]{64}$/;
export const RELEASE = /^r[1-9]\d{0,8}-[0-9a-f]{12}$/;
export const INBOX_ID = /^(\d{4})(\d{2})(\d{2})T\d{9}-[0-9a-f]{12}$/;

function checked(pattern: RegExp, value: string, code: string): string {
  if (!pattern.test(value)) throw new Problem(400, code);
  return value;
}

export const home = (tid: string): string => `t/${checked(TENANT, tid, "bad_tenant")}/`;
export const blobKey = (tid: string, sha: string): string => `${home(tid)}b/${checked(SHA, sha, "bad_hash")}`;
export const draftKey = (tid: string): string => `${home(tid)}draft.json`;
export const liveKey = (tid: string): string => `${home(tid)}live.json`;
export const manifestKey = (tid: string, release: string): string => `${home(tid)}m/${checked(RELEASE, release, "bad_release")}.json`;

export function inboxKey(tid: string, id: string): string {
  const [, year, month, day] = INBOX_ID.exec(id) ?? [];
  if (!day) throw new Problem(400, "bad_id");
  return `${home(tid)}${year}-${month}-${day}/${id}.json`;
}

const OBJECT = /^(b\/[0-9a-f]{64}|m\/r[1-9]\d{0,8}-[0-9a-f]{12}\.json|draft\.json|live\.json)$/;

/** A key as the ops API names it, relative to the tenant: `b/..`, `m/..`, `draft.json`, `live.json`, `inbox/<id>`. */
export function objectKey(tid: string, name: string): { bucket: "SITES" | "INBOX"; key: string } {
  if (name.startsWith("inbox/")) return { bucket: "INBOX", key: inboxKey(tid, name.slice(6)) };
  return { bucket: "SITES", key: home(tid) + checked(OBJECT, name, "bad_key") };
}
