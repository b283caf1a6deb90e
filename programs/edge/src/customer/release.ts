import { sha256hex } from "../shared/crypto.ts";
import { Problem } from "../shared/errors.ts";
import { home, liveKey, manifestKey } from "../shared/keys.ts";
import { HISTORY, canonical, hashes, totals, type Entry, type Kind, type Manifest, type Pointer } from "../shared/site.ts";
import type { Limits } from "../shared/entitlements.ts";
import { blobFacts } from "./blobs.ts";
import { listAll, readDocument, swapDocument, type Stored } from "./documents.ts";
import { readDraft, requireFits } from "./draft.ts";

/** `expect` undefined means: whatever is live now. */
export type Intent = { expect: string | null | undefined; by: string; kind: Kind };
export type Live = { release: string; n: number; at: string; unchanged: boolean };

export async function publishDraft(bucket: R2Bucket, tid: string, draftEtag: string, limits: Limits, intent: Intent): Promise<Live> {
  const draft = await readDraft(bucket, tid);
  if (draft.etag !== draftEtag) throw new Problem(412, "draft_changed", { etag: draft.etag });
  requireFits(draft.manifest, limits);
  return promote(bucket, tid, draft.manifest, intent);
}

/** Manifest first, pointer last: nothing is visible before the one compare-and-swap. */
export async function promote(bucket: R2Bucket, tid: string, manifest: Manifest, intent: Intent): Promise<Live> {
  if (!totals(manifest).files) throw new Problem(409, "nothing_to_publish");
  const live = await readDocument<Pointer>(bucket, liveKey(tid));
  const mark = (await sha256hex(canonical(manifest))).slice(0, 12);
  if (live?.value.release.endsWith(`-${mark}`)) return facts(live.value, true);
  requireExpected(live, intent.expect);
  await requireBlobs(bucket, tid, manifest, live);
  const n = (live?.value.n ?? 0) + 1;
  const release = `r${n}-${mark}`;
  await swapDocument(bucket, manifestKey(tid, release), canonical(manifest), null);
  return point(bucket, tid, live, { n, release, at: new Date().toISOString(), by: intent.by, kind: intent.kind, ...totals(manifest) });
}

export async function rollback(bucket: R2Bucket, tid: string, release: string, intent: Intent): Promise<Live> {
  const [live, manifest] = await Promise.all([
    readDocument<Pointer>(bucket, liveKey(tid)),
    readDocument<Manifest>(bucket, manifestKey(tid, release)),
  ]);
  const known = live?.value.history.some((entry) => entry.release === release);
  if (!live || !manifest || !known) throw new Problem(404, "no_such_release");
  if (live.value.release === release) return facts(live.value, true);
  requireExpected(live, intent.expect);
  const n = live.value.n + 1;
  return point(bucket, tid, live, {
    n,
    release,
    at: new Date().toISOString(),
    by: intent.by,
    kind: intent.kind,
    ...totals(manifest.value),
  });
}

async function point(bucket: R2Bucket, tid: string, live: Stored<Pointer> | null, entry: Entry): Promise<Live> {
  const { n, release, at, by } = entry;
  const history = [entry, ...(live?.value.history ?? [])].slice(0, HISTORY);
  const pointer: Pointer = { v: 1, n, release, prev: live?.value.release ?? null, at, by, history };
  const written = await swapDocument(bucket, liveKey(tid), JSON.stringify(pointer), live?.etag ?? null);
  if (written === null) throw stale((await readDocument<Pointer>(bucket, liveKey(tid)))?.value);
  return facts(pointer, false);
}

function facts(pointer: Pointer, unchanged: boolean): Live {
  return { release: pointer.release, n: pointer.n, at: pointer.at, unchanged };
}

function requireExpected(live: Stored<Pointer> | null, expect: string | null | undefined): void {
  if (expect !== undefined && expect !== (live?.value.release ?? null)) throw stale(live?.value);
}

function stale(live: Pointer | undefined): Problem {
  return new Problem(409, "stale_release", { live: live?.release ?? null, n: live?.n ?? 0 });
}

/** What the live release uses is known to be there; everything else is looked up. */
async function requireBlobs(bucket: R2Bucket, tid: string, manifest: Manifest, live: Stored<Pointer> | null): Promise<void> {
  const current = live && (await readDocument<Manifest>(bucket, manifestKey(tid, live.value.release)));
  const known = current ? hashes(current.value) : new Set<string>();
  const unknown = [...hashes(manifest)].filter((sha) => !known.has(sha));
  const found = await blobFacts(bucket, tid, unknown);
  const missing = unknown.filter((sha) => !found.has(sha));
  if (missing.length) throw new Problem(409, "blob_missing", { missing: missing.slice(0, 500) });
}

export type ReleaseList = { live: Entry | null; releases: (Entry & { live: boolean })[] };

/** What was ever live and still can be put back, newest first, each release once. */
export async function listReleases(bucket: R2Bucket, tid: string): Promise<ReleaseList> {
  const live = await readDocument<Pointer>(bucket, liveKey(tid));
  if (!live) return { live: null, releases: [] };
  const stored = new Set<string>();
  for await (const object of listAll(bucket, `${home(tid)}m/`)) stored.add(object.key.slice(home(tid).length + 2, -5));
  const once = distinct(live.value.history).filter((entry) => stored.has(entry.release));
  return { live: live.value.history[0] ?? null, releases: once.map((entry) => ({ ...entry, live: entry.release === live.value.release })) };
}

export function distinct(history: Entry[]): Entry[] {
  return history.filter((entry, at) => history.findIndex((other) => other.release === entry.release) === at);
}
