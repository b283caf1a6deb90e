import { requireFeature } from "../../shared/entitlements.ts";
import { Problem, unwrap } from "../../shared/errors.ts";
import { isRecord, json, limitRate, readJson } from "../../shared/http.ts";
import { signPreview } from "../../shared/tokens.ts";
import { totals } from "../../shared/site.ts";
import type { Call } from "../call.ts";
import { siteUrl } from "../env.ts";
import { hostStates } from "../hosts.ts";

const PREVIEW_S = 3600;

export async function showSite(call: Call): Promise<Response> {
  const { env, session, tenant } = call;
  const [draft, releases, usage, hosts] = await Promise.all([
    env.CUSTOMER.getDraft(session.tid).then(unwrap),
    env.CUSTOMER.releases(session.tid).then(unwrap),
    env.CUSTOMER.usage(session.tid).then(unwrap),
    hostStates(call),
  ]);
  const live = releases.live && { release: releases.live.release, n: releases.live.n, at: releases.live.at };
  const { bytes, files, inbox } = usage;
  return json({
    live,
    draft: { etag: draft.etag, ...totals(draft.manifest) },
    hosts,
    usage: { bytes, files, inbox },
    url: siteUrl(env, tenant.primary),
  });
}

export async function checkBlobs({ env, request, session }: Call): Promise<Response> {
  const { hashes } = await readJson(request);
  const { missing } = unwrap(await env.CUSTOMER.has(session.tid, hashes as string[]));
  return json({ missing });
}

export async function putBlob({ env, request, session, tenant, params }: Call): Promise<Response> {
  await limitRate(env.RL_UPLOAD, session.tid);
  const length = contentLength(request);
  if (length > tenant.limits.file_bytes) throw new Problem(413, "too_large", { max: tenant.limits.file_bytes });
  const { dedup, size } = unwrap(await env.CUSTOMER.putBlob(session.tid, params[0]!, length, bodyOf(request)));
  return json({ dedup, size }, dedup ? 200 : 201);
}

export function contentLength(request: Request): number {
  const header = request.headers.get("content-length");
  if (!header || !/^\d{1,12}$/.test(header)) throw new Problem(411, "length_required");
  return Number(header);
}

export function bodyOf(request: Request): ReadableStream<Uint8Array> {
  return request.body ?? new Blob([]).stream();
}

export async function showDraft({ env, session }: Call): Promise<Response> {
  const { manifest, etag } = unwrap(await env.CUSTOMER.getDraft(session.tid));
  return json(manifest, 200, { etag: `"${etag}"` });
}

/** The edge weakens the ETag of whatever it compresses: `W/` says nothing about the draft. */
export async function commitDraft({ env, request, session, tenant }: Call): Promise<Response> {
  const match = /^(?:W\/)?"?([\w-]{1,80})"?$/.exec(request.headers.get("if-match") ?? "")?.[1];
  if (!match) throw new Problem(428, "if_match_required");
  const change = await readJson(request);
  if (isRecord(change.settings) && change.settings.spa === true) requireFeature(tenant, "spa");
  const { etag, files, bytes } = unwrap(await env.CUSTOMER.commit(session.tid, match, change, tenant.limits));
  return json({ etag, files, bytes }, 200, { etag: `"${etag}"` });
}

export async function publish({ env, request, session, tenant }: Call): Promise<Response> {
  const { draft_etag: etag, expect_live: expect } = await readJson(request, 2000);
  const answer = await env.CUSTOMER.publish(session.tid, String(etag), expected(expect), tenant.limits, session.uid);
  const { release, n, at } = unwrap(answer);
  return json({ release, n, at, url: siteUrl(env, tenant.primary) }, 201);
}

function expected(value: unknown): string | null {
  if (value !== null && typeof value !== "string") throw new Problem(400, "expect_live_required");
  return value;
}

export async function listReleases({ env, session, tenant }: Call): Promise<Response> {
  const { releases } = unwrap(await env.CUSTOMER.releases(session.tid));
  return json({ releases: releases.slice(0, Math.max(1, tenant.limits.releases)) });
}

export async function showRelease({ env, session, params }: Call): Promise<Response> {
  return json(unwrap(await env.CUSTOMER.manifest(session.tid, params[0]!)).manifest);
}

export async function rollback({ env, request, session, tenant }: Call): Promise<Response> {
  const { release, expect_live: expect } = await readJson(request, 2000);
  const answer = await env.CUSTOMER.rollback(session.tid, String(release), expected(expect), session.uid);
  const { n, at } = unwrap(answer);
  return json({ release, n, at, url: siteUrl(env, tenant.primary) }, 201);
}

export async function preview({ env, session, tenant }: Call): Promise<Response> {
  requireFeature(tenant, "preview");
  const host = `${tenant.slug}--preview.${env.SITES_ZONE}`;
  const exp = Math.floor(Date.now() / 1000) + PREVIEW_S;
  const token = await signPreview(env.PREVIEW_KEY, { t: session.tid, h: host, exp });
  return json({ url: siteUrl(env, host, `/_sp/preview?token=${token}`), expires_at: new Date(exp * 1000).toISOString() });
}
