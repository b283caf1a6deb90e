/** A whole site at once, sent by the control plane: a starter site, an unpacked archive, a backup. */
import { Problem } from "../shared/errors.ts";
import { isRecord } from "../shared/http.ts";
import { draftKey } from "../shared/keys.ts";
import { MAX_FILES, canonical, emptyManifest, type Kind, type Manifest } from "../shared/site.ts";
import type { Limits } from "../shared/entitlements.ts";
import { swapDocument } from "./documents.ts";
import { NO_DRAFT, admit, readDraft, requireFits } from "./draft.ts";
import { promote, type Live } from "./release.ts";
import { settingsFrom } from "./settings.ts";

export type Upload = {
  files: unknown; // path → sha256 of a blob that is already there
  settings?: unknown;
  expect: string | null | undefined;
  by: string;
  kind: Kind;
};

/** Publishes, then makes the draft the same: whoever opens the studio next starts from what is live. */
export async function publishFiles(bucket: R2Bucket, tid: string, upload: Upload, limits: Limits): Promise<Live> {
  const draft = await readDraft(bucket, tid);
  const wanted = pairs(upload.files);
  const base = emptyManifest();
  const manifest: Manifest = {
    v: 1,
    files: await admit(bucket, tid, wanted, null),
    settings: upload.settings === undefined ? base.settings : settingsFrom(upload.settings, base.settings),
  };
  requireFits(manifest, limits);
  const live = await promote(bucket, tid, manifest, upload);
  const missing = draft.etag === NO_DRAFT;
  // A lost race here means that somebody is editing at this moment: their draft stays.
  if (missing || !live.unchanged) await swapDocument(bucket, draftKey(tid), canonical(manifest), missing ? null : draft.etag);
  return live;
}

function pairs(files: unknown): [string, string][] {
  if (!isRecord(files) || Object.keys(files).length > MAX_FILES) throw new Problem(400, "bad_files", { max: MAX_FILES });
  return Object.entries(files).map(([path, sha]) => [path, String(sha)]);
}
