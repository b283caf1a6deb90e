import { draftKey, home, liveKey } from "../shared/keys.ts";
import { hashes, type Manifest, type Pointer } from "../shared/site.ts";
import { readDocument, inBatches } from "./documents.ts";
import { distinct } from "./release.ts";

const GRACE_MS = 24 * 3600 * 1000;
const PAGE = 1000;
export type Progress = { done: boolean; cursor: string | null; count: number };

/** Manifests beyond the limit go first, then blobs that nothing refers to; young things may belong to a publish under way. */
export async function collect(bucket: R2Bucket, tid: string, keep: number, cursor: string | null, now: number): Promise<Progress> {
  const roots = await readRoots(bucket, tid);
  const wanted = new Set(
    distinct(roots.live?.history ?? [])
      .slice(0, Math.max(1, keep))
      .map((entry) => entry.release),
  );
  const manifests = await bucket.list({ prefix: `${home(tid)}m/`, limit: PAGE });
  const old = manifests.objects.filter((object) => expired(object, now) && !wanted.has(releaseOf(object)));
  const kept = manifests.objects.filter((object) => !old.includes(object));
  const used = await references(
    bucket,
    roots.draft,
    kept.map((object) => object.key),
  );
  const page = await bucket.list({ prefix: `${home(tid)}b/`, limit: PAGE, cursor: cursor ?? undefined });
  const garbage = page.objects.filter((object) => expired(object, now) && !used.has(object.key.slice(-64)));
  const doomed = [...old, ...garbage].map((object) => object.key);
  // A commit since the start may have taken up an old blob again: better to look at this page once more.
  if ((await readRoots(bucket, tid)).version !== roots.version) return { done: false, cursor, count: 0 };
  for (let at = 0; at < doomed.length; at += PAGE) await bucket.delete(doomed.slice(at, at + PAGE));
  return { done: !page.truncated, cursor: page.truncated ? page.cursor : null, count: doomed.length };
}

type Roots = { live: Pointer | null; draft: Manifest | null; version: string };

async function readRoots(bucket: R2Bucket, tid: string): Promise<Roots> {
  const [live, draft] = await Promise.all([readDocument<Pointer>(bucket, liveKey(tid)), readDocument<Manifest>(bucket, draftKey(tid))]);
  return { live: live?.value ?? null, draft: draft?.value ?? null, version: `${live?.etag} ${draft?.etag}` };
}

async function references(bucket: R2Bucket, draft: Manifest | null, manifests: string[]): Promise<Set<string>> {
  const used = draft ? hashes(draft) : new Set<string>();
  await inBatches(manifests, 10, async (key) => {
    const manifest = await readDocument<Manifest>(bucket, key);
    if (manifest) for (const sha of hashes(manifest.value)) used.add(sha);
  });
  return used;
}

function expired(object: R2Object, now: number): boolean {
  return now - object.uploaded.getTime() > GRACE_MS;
}

function releaseOf(object: R2Object): string {
  return object.key.slice(object.key.lastIndexOf("/") + 1, -5);
}

/** Deletes up to one page from each bucket; called until it says done. */
export async function purge(buckets: R2Bucket[], tid: string, limit = PAGE): Promise<Progress> {
  let count = 0;
  let done = true;
  for (const bucket of buckets) {
    const page = await bucket.list({ prefix: home(tid), limit });
    if (page.objects.length) await bucket.delete(page.objects.map((object) => object.key));
    count += page.objects.length;
    done &&= !page.truncated;
  }
  return { done, cursor: null, count };
}
