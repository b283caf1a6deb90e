/** Owns the tenants' storage. Reachable over RPC only; every public method of these classes can be called by Core. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Limits } from "../shared/entitlements.ts";
import { answer } from "../shared/errors.ts";
import { manifestKey } from "../shared/keys.ts";
import { Problem } from "../shared/errors.ts";
import type { Manifest } from "../shared/site.ts";
import { missingBlobs, putBlob, putBlobs } from "./blobs.ts";
import { readDocument } from "./documents.ts";
import { commitDraft, readDraft } from "./draft.ts";
import type { CustomerEnv } from "./env.ts";
import { collect, purge } from "./gc.ts";
import { deleteSubmission, listInbox } from "./inbox.ts";
import { listObjects, readObject, usage } from "./objects.ts";
import { listReleases, publishDraft, rollback } from "./release.ts";
import { publishFiles, type Upload } from "./upload.ts";

const nothingHere = (): Response => new Response("Not found", { status: 404 });

export default class Customer extends WorkerEntrypoint<CustomerEnv> {
  fetch() {
    return nothingHere();
  }
  has(tid: string, hashes: string[]) {
    return answer(async () => ({ missing: await missingBlobs(this.env.SITES, tid, hashes) }));
  }
  putBlob(tid: string, sha: string, length: number, body: ReadableStream<Uint8Array>) {
    return answer(() => putBlob(this.env.SITES, tid, sha, length, body));
  }
  getDraft(tid: string) {
    return answer(() => readDraft(this.env.SITES, tid));
  }
  commit(tid: string, ifMatch: string, change: unknown, limits: Limits) {
    return answer(() => commitDraft(this.env.SITES, tid, ifMatch, change, limits));
  }
  publish(tid: string, draftEtag: string, expect: string | null, limits: Limits, by: string) {
    return answer(() => publishDraft(this.env.SITES, tid, draftEtag, limits, { expect, by, kind: "publish" }));
  }
  releases(tid: string) {
    return answer(() => listReleases(this.env.SITES, tid));
  }
  manifest(tid: string, release: string) {
    return answer(async () => {
      const stored = await readDocument<Manifest>(this.env.SITES, manifestKey(tid, release));
      if (!stored) throw new Problem(404, "no_such_release");
      return { manifest: stored.value };
    });
  }
  rollback(tid: string, release: string, expect: string | null, by: string) {
    return answer(() => rollback(this.env.SITES, tid, release, { expect, by, kind: "rollback" }));
  }
  usage(tid: string) {
    return answer(() => usage(this.env, tid));
  }
  inboxList(tid: string, cursor: string | null) {
    return answer(() => listInbox(this.env.INBOX, tid, cursor));
  }
  inboxDelete(tid: string, id: string) {
    return answer(async () => {
      await deleteSubmission(this.env.INBOX, tid, id);
      return {};
    });
  }
}

export class OpsEntrypoint extends WorkerEntrypoint<CustomerEnv> {
  fetch() {
    return nothingHere();
  }
  putBlobs(tid: string, contents: unknown) {
    return answer(async () => ({ stored: await putBlobs(this.env.SITES, tid, contents) }));
  }
  publishFiles(tid: string, upload: Upload, limits: Limits) {
    return answer(() => publishFiles(this.env.SITES, tid, upload, limits));
  }
  list(tid: string, prefix: string, cursor: string | null) {
    return answer(() => listObjects(this.env, tid, prefix, cursor));
  }
  get(tid: string, key: string) {
    return answer(() => readObject(this.env, tid, key));
  }
  gc(tid: string, keepReleases: number, cursor: string | null) {
    return answer(() => collect(this.env.SITES, tid, keepReleases, cursor, Date.now()));
  }
  purge(tid: string) {
    return answer(() => purge([this.env.SITES, this.env.INBOX], tid));
  }
  ready() {
    return answer(async () => {
      await this.env.SITES.head("ready");
      return {};
    });
  }
}
