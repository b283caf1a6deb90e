/** The tenant documents: written here only, and never backwards. */
import { readTenant, tenantDoc, type TenantDoc } from "../../shared/entitlements.ts";
import { Problem } from "../../shared/errors.ts";
import { empty, json } from "../../shared/http.ts";
import type { CoreEnv } from "../env.ts";
import type { OpsCall } from "./call.ts";

const TOMBSTONE_S = 30 * 24 * 3600;

function stored(env: CoreEnv, tid: string): Promise<TenantDoc | null> {
  return env.ROUTING.get<TenantDoc>(`t:${tid}`, "json");
}

export async function putTenant({ env, tid, body }: OpsCall): Promise<Response> {
  const sent = tenantDoc(body);
  const before = await stored(env, tid);
  const doc = { ...sent, epoch: Math.max(sent.epoch, before?.epoch ?? 0) };
  if (before && before.rev >= doc.rev) {
    if (before.rev === doc.rev && same(before, doc)) return json({ rev: doc.rev });
    throw new Problem(409, "stale_revision", { rev: before.rev });
  }
  await env.ROUTING.put(`t:${tid}`, JSON.stringify(doc));
  return json({ rev: doc.rev });
}

function same(left: unknown, right: unknown): boolean {
  return sorted(left) === sorted(right);
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`).join()}}`;
}

export async function getTenant({ env, tid }: OpsCall): Promise<Response> {
  const doc = await readTenant(env.ROUTING, tid);
  if (!doc) throw new Problem(404, "no_such_tenant");
  return json(doc);
}

/** A tombstone keeps an older push, still under way, from bringing the tenant back. */
export async function deleteTenant({ env, tid, body }: OpsCall): Promise<Response> {
  const rev = body.rev;
  if (!Number.isSafeInteger(rev)) throw new Problem(400, "bad_document", { field: "rev" });
  const before = await stored(env, tid);
  if (before && (before.rev > (rev as number) || (before.rev === rev && before.status !== "gone"))) {
    throw new Problem(409, "stale_revision", { rev: before.rev });
  }
  const tombstone: TenantDoc = { ...blank(before?.epoch ?? 0), status: "gone", rev: rev as number };
  await env.ROUTING.put(`t:${tid}`, JSON.stringify(tombstone), { expirationTtl: TOMBSTONE_S });
  return json({ rev });
}

function blank(epoch: number): TenantDoc {
  const limits = { file_bytes: 0, site_bytes: 0, files: 0, releases: 0, form_per_day: 0 };
  const names = { slug: "gone", primary: "gone.invalid", hosts: [] };
  return { v: 1, rev: 0, status: "gone", epoch, ...names, features: {}, limits, banner: null, stripe_customer: null, locale: "de" };
}

export async function revokeSessions({ env, tid, body }: OpsCall): Promise<Response> {
  const epoch = body.epoch;
  const doc = await stored(env, tid);
  if (!doc) throw new Problem(404, "no_such_tenant");
  if (!Number.isSafeInteger(epoch)) throw new Problem(400, "bad_document", { field: "epoch" });
  if ((epoch as number) > doc.epoch) await env.ROUTING.put(`t:${tid}`, JSON.stringify({ ...doc, epoch }));
  return empty();
}
