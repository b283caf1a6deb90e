/** What the control plane does to a tenant's content: publish, read, restore, clean up, erase. */
import { readTenant, requireFeature, type TenantDoc } from "../../shared/entitlements.ts";
import { Problem, unwrap } from "../../shared/errors.ts";
import { isRecord, json } from "../../shared/http.ts";
import type { Kind } from "../../shared/site.ts";
import { siteUrl } from "../env.ts";
import { bodyOf, contentLength } from "../routes/site.ts";
import type { OpsCall } from "./call.ts";

async function tenantOf({ env, tid }: OpsCall): Promise<TenantDoc> {
  const tenant = await readTenant(env.ROUTING, tid);
  if (!tenant) throw new Problem(404, "no_such_tenant");
  return tenant;
}

export async function checkBlobs({ env, tid, body }: OpsCall): Promise<Response> {
  const { missing } = unwrap(await env.CUSTOMER.has(tid, body.hashes as string[]));
  return json({ missing });
}

export async function putBlob({ env, request, tid, params }: OpsCall): Promise<Response> {
  const answer = await env.CUSTOMER.putBlob(tid, params[0]!, contentLength(request), bodyOf(request));
  const { dedup, size } = unwrap(answer);
  return json({ dedup, size }, dedup ? 200 : 201);
}

/** Many small ones in one request: a tenant's first page is ten of them. */
export async function putBlobs({ env, tid, body }: OpsCall): Promise<Response> {
  const { stored } = unwrap(await env.CUSTOMER_OPS.putBlobs(tid, body.contents));
  return json({ stored }, 201);
}

export async function publish(call: OpsCall): Promise<Response> {
  return publishAs(call, call.body.files, "publish");
}

/** A manifest out of a backup; only its names and hashes are believed. */
export async function restore(call: OpsCall): Promise<Response> {
  const files = isRecord(call.body.files) ? call.body.files : {};
  const pairs = Object.entries(files).map(([path, entry]) => [path, isRecord(entry) ? entry.h : undefined]);
  return publishAs(call, Object.fromEntries(pairs), "restore");
}

async function publishAs(call: OpsCall, files: unknown, kind: Kind): Promise<Response> {
  const { env, tid, body } = call;
  const tenant = await tenantOf(call);
  if (isRecord(body.settings) && body.settings.spa === true) requireFeature(tenant, "spa");
  const upload = { files, settings: body.settings, expect: expected(body.expect_live), by: author(body.by), kind };
  const live = unwrap(await env.CUSTOMER_OPS.publishFiles(tid, upload, tenant.limits));
  const { release, n, at, unchanged } = live;
  return json({ release, n, at, unchanged, url: siteUrl(env, tenant.primary) }, unchanged ? 200 : 201);
}

function expected(value: unknown): string | null | undefined {
  if (value !== undefined && value !== null && typeof value !== "string") throw new Problem(400, "bad_expect_live");
  return value;
}

function author(value: unknown): string {
  return typeof value === "string" && /^[\w:.@-]{1,64}$/.test(value) ? value : "control-plane";
}

export async function rollback(call: OpsCall): Promise<Response> {
  const { env, tid, body } = call;
  const tenant = await tenantOf(call);
  const expect = expected(body.expect_live) ?? null;
  const { release, n, at } = unwrap(await env.CUSTOMER.rollback(tid, String(body.release), expect, author(body.by)));
  return json({ release, n, at, url: siteUrl(env, tenant.primary) }, 201);
}

export async function listReleases({ env, tid }: OpsCall): Promise<Response> {
  const { live, releases } = unwrap(await env.CUSTOMER.releases(tid));
  return json({ live, releases });
}

export async function showUsage({ env, tid }: OpsCall): Promise<Response> {
  const { bytes, files, releases, inbox } = unwrap(await env.CUSTOMER.usage(tid));
  return json({ bytes, files, releases, inbox });
}

export async function listObjects({ env, url, tid }: OpsCall): Promise<Response> {
  const { searchParams: query } = url;
  const { objects, cursor } = unwrap(await env.CUSTOMER_OPS.list(tid, query.get("prefix") ?? "", query.get("cursor")));
  return json({ objects, cursor });
}

export async function getObject({ env, tid, params }: OpsCall): Promise<Response> {
  const { body, size, etag } = unwrap(await env.CUSTOMER_OPS.get(tid, params[0]!));
  return new Response(body, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      etag: `"${etag}"`,
    },
  });
}

export async function collectGarbage(call: OpsCall): Promise<Response> {
  const tenant = await tenantOf(call);
  const { done, cursor, count } = unwrap(await call.env.CUSTOMER_OPS.gc(call.tid, tenant.limits.releases, cursorOf(call)));
  return json({ done, cursor, count });
}

/** Irreversible, so it asks the status again that this location sees. */
export async function purge(call: OpsCall): Promise<Response> {
  const { status } = await tenantOf(call);
  if (status !== "offboarding" && status !== "gone") throw new Problem(409, "tenant_not_leaving", { status });
  const { done, cursor, count } = unwrap(await call.env.CUSTOMER_OPS.purge(call.tid));
  return json({ done, cursor, count });
}

function cursorOf({ body }: OpsCall): string | null {
  return typeof body.cursor === "string" ? body.cursor : null;
}
