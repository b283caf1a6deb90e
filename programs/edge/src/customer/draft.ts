import { Problem } from "../shared/errors.ts";
import { isRecord } from "../shared/http.ts";
import { SHA, draftKey } from "../shared/keys.ts";
import { looksRight, typeOf } from "../shared/mime.ts";
import { collisionKey, filePath } from "../shared/paths.ts";
import { MAX_FILES, MAX_MANIFEST, canonical, emptyManifest, totals, type FileEntry, type Manifest } from "../shared/site.ts";
import { requireLimit, type Limits } from "../shared/entitlements.ts";
import { blobFacts } from "./blobs.ts";
import { readDocument, requireList, swapDocument } from "./documents.ts";
import { settingsFrom } from "./settings.ts";

export const NO_DRAFT = "none";
export type Draft = { manifest: Manifest; etag: string };
export type DraftFacts = { etag: string; files: number; bytes: number };

export async function readDraft(bucket: R2Bucket, tid: string): Promise<Draft> {
  const stored = await readDocument<Manifest>(bucket, draftKey(tid));
  return stored ? { manifest: stored.value, etag: stored.etag } : { manifest: emptyManifest(), etag: NO_DRAFT };
}

/** One commit per batch of files: R2 takes about one write a second on one key. */
export async function commitDraft(bucket: R2Bucket, tid: string, ifMatch: string, change: unknown, limits: Limits): Promise<DraftFacts> {
  const draft = await readDraft(bucket, tid);
  if (draft.etag !== ifMatch) throw new Problem(412, "draft_changed", { etag: draft.etag });
  const { put, remove, settings } = changeFrom(change);
  const files = { ...draft.manifest.files };
  for (const path of remove) delete files[path];
  Object.assign(files, await admit(bucket, tid, put, draft.manifest));
  const next: Manifest = {
    v: 1,
    files,
    settings: settings === undefined ? draft.manifest.settings : settingsFrom(settings, draft.manifest.settings),
  };
  requireFits(next, limits);
  return saveDraft(bucket, tid, next, ifMatch);
}

export async function saveDraft(bucket: R2Bucket, tid: string, manifest: Manifest, ifMatch: string): Promise<DraftFacts> {
  const etag = await swapDocument(bucket, draftKey(tid), canonical(manifest), ifMatch === NO_DRAFT ? null : ifMatch);
  if (etag === null) throw new Problem(412, "draft_changed");
  return { etag, ...totals(manifest) };
}

type Change = { put: [string, string][]; remove: string[]; settings: unknown };

function changeFrom(value: unknown): Change {
  if (!isRecord(value)) throw new Problem(400, "bad_change");
  const put = requireList(value.put ?? [], 500, "too_many_entries").map((entry): [string, string] => {
    if (!isRecord(entry)) throw new Problem(400, "bad_change");
    return [String(entry.path), String(entry.sha256)];
  });
  const remove = requireList(value.delete ?? [], MAX_FILES, "too_many_entries").map(filePath);
  return { put, remove, settings: value.settings };
}

/** Turns names and hashes into entries: the name decides the type, the stored first bytes must not contradict it. */
export async function admit(
  bucket: R2Bucket,
  tid: string,
  wanted: [string, string][],
  known: Manifest | null,
): Promise<Record<string, FileEntry>> {
  for (const [path, sha] of wanted) requireName(path, sha);
  const fresh = wanted.filter(([path, sha]) => known?.files[path]?.h !== sha);
  const facts = await blobFacts(bucket, tid, [...new Set(fresh.map(([, sha]) => sha))]);
  const missing = fresh.filter(([, sha]) => !facts.has(sha)).map(([, sha]) => sha);
  if (missing.length) throw new Problem(409, "blob_missing", { missing: missing.slice(0, 500) });
  return Object.fromEntries(wanted.map(([path, sha]) => [path, entry(path, sha, facts, known)]));
}

function requireName(path: string, sha: string): void {
  filePath(path);
  if (!SHA.test(sha)) throw new Problem(400, "bad_hash");
  if (!typeOf(path)) throw new Problem(415, "type_not_allowed", { path });
}

function entry(path: string, sha: string, facts: Awaited<ReturnType<typeof blobFacts>>, known: Manifest | null): FileEntry {
  const same = known?.files[path];
  if (same && same.h === sha) return same;
  const { size, head } = facts.get(sha)!;
  if (!looksRight(path, head)) throw new Problem(415, "type_not_allowed", { path });
  return { h: sha, s: size, t: typeOf(path)! };
}

export function requireFits(manifest: Manifest, limits: Limits): void {
  const { files, bytes } = totals(manifest);
  requireLimit("files", files, Math.min(limits.files, MAX_FILES));
  requireLimit("site_bytes", bytes, limits.site_bytes);
  const largest = Math.max(0, ...Object.values(manifest.files).map((file) => file.s));
  requireLimit("file_bytes", largest, limits.file_bytes);
  if (canonical(manifest).length > MAX_MANIFEST) throw new Problem(413, "manifest_too_large", { max: MAX_MANIFEST });
  refuseCollisions(Object.keys(manifest.files));
}

function refuseCollisions(paths: string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const other = seen.get(collisionKey(path));
    if (other) throw new Problem(409, "path_collision", { path, other });
    seen.set(collisionKey(path), path);
  }
}
