import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { sha256hex } from "../../src/shared/crypto.ts";
import { STATUSES, closed, permit, requireRole, type Action, type Role, type TenantDoc } from "../../src/shared/entitlements.ts";
import { blobKey, inboxKey, manifestKey, objectKey } from "../../src/shared/keys.ts";
import { canonical, emptyManifest, type Manifest, type Pointer } from "../../src/shared/site.ts";
import { missingBlobs, putBlob } from "../../src/customer/blobs.ts";
import { requireFits } from "../../src/customer/draft.ts";
import { swapDocument } from "../../src/customer/documents.ts";
import { collect, purge } from "../../src/customer/gc.ts";
import { listReleases, promote, rollback } from "../../src/customer/release.ts";
import { listInbox } from "../../src/customer/inbox.ts";
import { test, type Env } from "./harness.ts";

const T = "t".repeat(26);
const DAY = 86_400_000;
const stream = (text: string): ReadableStream<Uint8Array> => new Blob([text]).stream() as ReadableStream<Uint8Array>;
const LIVE = { expect: undefined, by: "u", kind: "publish" } as const;

async function put(env: Env, tid: string, text: string): Promise<string> {
  const sha = await sha256hex(text);
  await putBlob(env.SITES, tid, sha, text.length, stream(text));
  return sha;
}

async function manifest(env: Env, tid: string, files: Record<string, string>): Promise<Manifest> {
  const found = emptyManifest();
  for (const [path, text] of Object.entries(files)) found.files[path] = { h: await put(env, tid, text), s: text.length, t: "text/html" };
  return found;
}

test("keys are built of ids and hashes, or not at all", () => {
  for (const bad of ["", "../x", "T".repeat(26), "t".repeat(25), `${"t".repeat(26)}/`, "t".repeat(25) + "\n"]) {
    throws(() => blobKey(bad, "0".repeat(64)), { code: "bad_tenant" }, bad);
  }
  for (const bad of ["", "../../x", "0".repeat(63), "G".repeat(64)]) throws(() => blobKey(T, bad), { code: "bad_hash" }, bad);
  for (const bad of ["r0-000000000000", "r1-x", "../live", "r1-000000000000.json"])
    throws(() => manifestKey(T, bad), { code: "bad_release" }, bad);
  for (const bad of ["", "live.json/..", "b/../live.json", "inbox/../../x", "m/x.json", "/b/x"])
    throws(() => objectKey(T, bad), { status: 400 }, bad);
  equal(inboxKey(T, "20260102T030405678-0123456789ab"), `t/${T}/2026-01-02/20260102T030405678-0123456789ab.json`);
});

test("compare and swap: of many writers one wins", async ({ SITES }) => {
  const etag = await swapDocument(SITES, "cas", "0", null);
  equal(await swapDocument(SITES, "cas", "again", null), null);
  const won = (await Promise.all([1, 2, 3, 4].map((n) => swapDocument(SITES, "cas", String(n), etag)))).filter((answer) => answer !== null);
  equal(won.length, 1);
});

test("a blob is what its hash says, and is stored once", async (env) => {
  const sha = await sha256hex("hello");
  deepEqual(await putBlob(env.SITES, T, sha, 5, stream("hello")), { dedup: false, size: 5 });
  deepEqual(await putBlob(env.SITES, T, sha, 999, stream("other")), { dedup: true, size: 5 });
  await rejects(putBlob(env.SITES, T, await sha256hex("a"), 1, stream("b")), { code: "hash_mismatch" });
  const lied = (error: { code: string }): boolean => ["length_mismatch", "hash_mismatch"].includes(error.code);
  for (const length of [2, 4]) await rejects(putBlob(env.SITES, T, await sha256hex("abc"), length, stream("abc")), lied);
  await rejects(putBlob(env.SITES, T, sha, 26 << 20, stream("x")), { code: "too_large" });
  deepEqual(await missingBlobs(env.SITES, T, [sha, "0".repeat(64)]), ["0".repeat(64)]);
  await rejects(missingBlobs(env.SITES, T, ["nonsense"]), { code: "bad_hash" });
  await rejects(missingBlobs(env.SITES, T, Array(501).fill(sha)), { code: "too_many_hashes" });
});

test("a large blob passes without being held in memory", async (env) => {
  const chunk = new Uint8Array(1 << 20).fill(65);
  const size = 20 << 20;
  const whole = new Uint8Array(size).fill(65);
  const sha = await crypto.subtle
    .digest("SHA-256", whole)
    .then((digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === size) return controller.close();
      controller.enqueue(chunk);
      sent += chunk.length;
    },
  });
  deepEqual(await putBlob(env.SITES, T, sha, size, body), { dedup: false, size });
  const [object] = (await env.SITES.list({ prefix: blobKey(T, sha), include: ["customMetadata"] } as R2ListOptions)).objects;
  equal(object!.customMetadata?.head, "41".repeat(16));
});

test("a site that is too much in one way or another does not fit", () => {
  const limits = { file_bytes: 100, site_bytes: 10_000_000, files: 9999, releases: 1, form_per_day: 1 };
  const many = (count: number, size: number, name = (n: number): string => `/${n}.html`): Manifest => {
    const files = Array.from({ length: count }, (_, n) => [name(n), { h: "0".repeat(64), s: size, t: "text/html" }]);
    return { ...emptyManifest(), files: Object.fromEntries(files) };
  };
  requireFits(many(5000, 100), limits);
  throws(() => requireFits(many(5001, 1), limits), { code: "limit_exceeded" });
  throws(() => requireFits(many(1, 101), limits), { code: "limit_exceeded" });
  throws(
    () =>
      requireFits(
        many(3000, 100, (n) => `/${"x".repeat(400)}${n}.html`),
        limits,
      ),
    { code: "manifest_too_large" },
  );
  throws(
    () =>
      requireFits(
        many(2, 1, (n) => (n ? "/A.html" : "/a.html")),
        limits,
      ),
    { code: "path_collision" },
  );
  throws(() => requireFits(many(100, 100), { ...limits, site_bytes: 9999 }), { code: "limit_exceeded" });
});

test("one manifest has one text, whatever the order", () => {
  const entry = { h: "0".repeat(64), s: 1, t: "x" };
  const one = { ...emptyManifest(), files: { "/b": entry, "/a": entry } };
  const two = { ...emptyManifest(), files: { "/a": entry, "/b": entry } };
  equal(canonical(one), canonical(two));
  ok(canonical(one) !== canonical({ ...two, settings: { ...two.settings, spa: true } }));
});

test("releases: what was never live leaves no trace in the list", async (env) => {
  const tid = "r".repeat(26);
  const sites = await Promise.all([1, 2, 3, 4, 5].map((n) => manifest(env, tid, { "/index.html": `site ${n}` })));
  const answers = await Promise.allSettled(sites.map((site) => promote(env.SITES, tid, site, { ...LIVE, expect: null })));
  equal(answers.filter((answer) => answer.status === "fulfilled").length, 1);
  equal((await listReleases(env.SITES, tid)).releases.length, 1);
  const next = await manifest(env, tid, { "/index.html": "next" });
  const second = await promote(env.SITES, tid, next, LIVE);
  const first = (await listReleases(env.SITES, tid)).releases[1]!.release;
  const back = await rollback(env.SITES, tid, first, LIVE);
  deepEqual([back.n, back.release], [second.n + 1, first]);
  deepEqual(
    (await listReleases(env.SITES, tid)).releases.map((entry) => [entry.release, entry.live]),
    [
      [first, true],
      [second.release, false],
    ],
  );
});

test("garbage: only what is old and unused goes, oldest releases first", async (env) => {
  const tid = "g".repeat(26);
  for (const n of [1, 2, 3, 4])
    await promote(env.SITES, tid, await manifest(env, tid, { "/index.html": `page ${n}`, "/same.html": "same" }), LIVE);
  await put(env, tid, "never used");
  deepEqual(await collect(env.SITES, tid, 2, null, Date.now()), { done: true, cursor: null, count: 0 });
  const { count } = await collect(env.SITES, tid, 2, null, Date.now() + 2 * DAY);
  equal(count, 2 + 2 + 1);
  const { releases } = await listReleases(env.SITES, tid);
  deepEqual(
    releases.map((entry) => entry.n),
    [4, 3],
  );
  const wanted = await Promise.all(["page 4", "page 3", "same"].map((text) => sha256hex(text)));
  deepEqual(await missingBlobs(env.SITES, tid, wanted), []);
  deepEqual((await collect(env.SITES, tid, 2, null, Date.now() + 2 * DAY)).count, 0);
});

test("garbage: what the draft or a live rollback uses stays", async (env) => {
  const tid = "h".repeat(26);
  const first = await promote(env.SITES, tid, await manifest(env, tid, { "/index.html": "one" }), LIVE);
  for (const text of ["two", "three"]) await promote(env.SITES, tid, await manifest(env, tid, { "/index.html": text }), LIVE);
  await rollback(env.SITES, tid, first.release, LIVE);
  await env.SITES.put(`t/${tid}/draft.json`, canonical(await manifest(env, tid, { "/d.html": "draft" })));
  await collect(env.SITES, tid, 1, null, Date.now() + 2 * DAY);
  const kept = await Promise.all(["one", "draft"].map((text) => sha256hex(text)));
  deepEqual(await missingBlobs(env.SITES, tid, kept), []);
  deepEqual(await missingBlobs(env.SITES, tid, [await sha256hex("two")]), [await sha256hex("two")]);
  equal((await (await env.SITES.get(`t/${tid}/live.json`))!.json<Pointer>()).release, first.release);
});

test("erasing takes one tenant, in both stores, in as many steps as it needs", async (env) => {
  const [gone, stays] = ["p".repeat(26), "q".repeat(26)];
  for (const tid of [gone, stays]) {
    await put(env, tid, "x");
    await env.INBOX.put(inboxKey(tid, "20260102T030405678-0123456789ab"), "{}");
  }
  for (let n = 0; n < 12; n += 1) await env.INBOX.put(`t/${gone}/2026-01-03/${n}`, "");
  const steps = [];
  do steps.push(await purge([env.SITES, env.INBOX], gone, 5));
  while (!steps.at(-1)!.done);
  deepEqual(
    steps.map((step) => step.count),
    [6, 5, 3],
  );
  equal((await env.SITES.list({ prefix: `t/${stays}/` })).objects.length, 1);
  equal((await env.INBOX.list({ prefix: `t/${stays}/` })).objects.length, 1);
});

test("the inbox is walked backwards over days", async (env) => {
  const tid = "i".repeat(26);
  const ids = Array.from(
    { length: 60 },
    (_, n) => `202601${String(1 + Math.floor(n / 7)).padStart(2, "0")}T0000${String(n % 7).padStart(2, "0")}000-0123456789ab`,
  );
  for (const id of ids) await env.INBOX.put(inboxKey(tid, id), JSON.stringify({ v: 1, id }));
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listInbox>> = await listInbox(env.INBOX, tid, cursor);
    found.push(...page.submissions.map((one) => one.id));
    cursor = page.cursor;
  } while (cursor);
  deepEqual(found, [...ids].reverse());
});

test("the paywall's table is total, and losing a role never gives a right", () => {
  const actions: Action[] = ["login", "read", "draft", "publish", "export", "billing"];
  const allowed = (status: TenantDoc["status"], action: Action, role: Role): boolean => {
    try {
      permit({ status } as TenantDoc, action, role);
      return true;
    } catch {
      return false;
    }
  };
  for (const status of STATUSES) {
    ok(closed(status) === null || [404, 410, 503].includes(closed(status)!.status), status);
    for (const action of actions) {
      ok(allowed(status, action, "owner") || !allowed(status, action, "editor"), `${status} ${action}`);
      ok(allowed(status, action, "editor") || !allowed(status, action, "reader"), `${status} ${action}`);
    }
  }
  throws(() => requireRole("reader", "editor"), { code: "role_not_allowed" });
  throws(() => requireRole("nobody" as Role, "reader"), { code: "role_not_allowed" });
});

test("the runtime's rate limit and key expiry work as the Workers rely on", async ({ LIMIT, STORE }) => {
  const answers = [];
  for (let n = 0; n < 5; n += 1) answers.push((await LIMIT.limit({ key: "a" })).success);
  deepEqual(answers, [true, true, true, false, false]);
  equal((await LIMIT.limit({ key: "b" })).success, true);
  await rejects(STORE.put("k", "v", { expirationTtl: 5 }));
  await STORE.put("k", "v", { expirationTtl: 60 });
  equal(await STORE.get("k", { cacheTtl: 30 }), "v");
});
