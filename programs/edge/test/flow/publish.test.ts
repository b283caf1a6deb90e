import { strict as assert } from "node:assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before, describe, it } from "node:test";
import { sha } from "./keys.ts";
import { Person } from "./person.ts";
import { addTenant, publish, setTenant, tid, upload } from "./tenants.ts";
import { World } from "./world.ts";

const A = tid("a");
const url = (path: string): string => `/ops/v1/tenants/${A}${path}`;

describe("publishing for a tenant over the ops API", () => {
  let world: World;
  let host: string;
  before(async () => {
    world = await World.start();
    host = await addTenant(world, A, "anna");
  });
  after(() => world.stop());

  it("shows that nothing is there yet, then the site, on its own host", async () => {
    const early = await world.visit(host, "/");
    assert.equal(early.status, 404);
    assert.match(early.text, /Hier entsteht eine Website/);
    const first = await publish(world, A, { "/index.html": "<h1>eins</h1>", "/app.css": "a{}" }, { expect_live: null });
    assert.match(first.release, /^r1-[0-9a-f]{12}$/);
    const page = await world.visit(host, "/");
    assert.equal(page.text, "<h1>eins</h1>");
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    assert.equal((await world.visit(host, "/app.css")).headers["cache-control"], "public, max-age=3600");
  });

  it("answers a repeated publish with the same release and 200", async () => {
    const files = await upload(world, A, { "/index.html": "<h1>zwei</h1>" });
    const one = await world.ops("POST", url("/publish"), { files });
    const two = await world.ops("POST", url("/publish"), { files, expect_live: "r1-000000000000" });
    assert.deepEqual([one.status, two.status], [201, 200]);
    assert.equal(one.json.release, two.json.release);
    assert.equal(two.json.unchanged, true);
  });

  it("refuses to publish over a release that it was not told of", async () => {
    const files = await upload(world, A, { "/index.html": "<h1>drei</h1>" });
    const answer = await world.ops("POST", url("/publish"), { files, expect_live: "r1-000000000000" });
    assert.equal(answer.status, 409);
    assert.equal(answer.json.error.code, "stale_release");
    assert.match(answer.json.error.details.live, /^r2-/);
  });

  it("rolls back to an earlier release and forward again", async () => {
    const { releases, live } = (await world.ops("GET", url("/releases"))).json;
    const older = releases.find((entry: { live: boolean }) => !entry.live);
    const back = await world.ops("POST", url("/rollback"), { release: older.release, expect_live: live.release });
    assert.equal(back.status, 201);
    assert.equal(back.json.n, live.n + 1);
    assert.equal((await world.visit(host, "/")).text, "<h1>eins</h1>");
    const unknown = await world.ops("POST", url("/rollback"), { release: "r9-ffffffffffff", expect_live: older.release });
    assert.equal(unknown.status, 404);
  });

  it("lets exactly one of many racing publishes win and serves it whole", async () => {
    const live = (await world.ops("GET", url("/releases"))).json.live.release;
    const sites = await Promise.all(
      Array.from({ length: 8 }, (_, n) => upload(world, A, { "/index.html": `race ${n}`, "/n.txt": `${n}` })),
    );
    const answers = await Promise.all(sites.map((files) => world.ops("POST", url("/publish"), { files, expect_live: live })));
    const codes = answers.map((answer) => answer.status).sort();
    assert.deepEqual(codes, [201, 409, 409, 409, 409, 409, 409, 409]);
    const [page, number] = [await world.visit(host, "/"), await world.visit(host, "/n.txt")];
    assert.equal(page.text, `race ${number.text}`);
    const shown = (await world.ops("GET", url("/releases"))).json;
    assert.equal(shown.live.release, answers.find((answer) => answer.status === 201)!.json.release);
    assert.equal(shown.releases.filter((entry: { n: number }) => entry.n === shown.live.n).length, 1);
  });

  it("refuses missing blobs, foreign hashes, wrong types, bad names and too much of it", async () => {
    const post = (files: Record<string, string>) => world.ops("POST", url("/publish"), { files });
    const html = (await upload(world, A, { "/x.html": "<p>x" }))["/x.html"]!;
    const missing = await post({ "/index.html": "0".repeat(64) });
    assert.deepEqual([missing.status, missing.json.error.code], [409, "blob_missing"]);
    assert.deepEqual((await post({ "/evil.exe": html })).json.error.code, "type_not_allowed");
    assert.deepEqual((await post({ "/fake.png": html })).json.error.code, "type_not_allowed");
    for (const path of [
      "relative.html",
      "/../up.html",
      "/a//b.html",
      "/a\\b.html",
      "/\u0000.html",
      "/_sp/x.html",
      "/e\u0301.html",
      "/a?b.html",
    ]) {
      assert.equal((await post({ [path]: html })).json.error.code, "bad_path", path);
    }
    assert.equal((await post({ "/A.html": html, "/a.html": html })).json.error.code, "path_collision");
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`/${n}.html`, html]));
    assert.equal((await post(many)).status, 402);
    assert.equal((await post({})).json.error.code, "nothing_to_publish");
  });

  it("checks content against its hash, and tells what is already there", async () => {
    const claimed = sha("right");
    const wrong = await world.ops("PUT", url(`/blobs/${claimed}`), Buffer.from("wrong"), {
      bh: Buffer.from(claimed, "hex").toString("base64url"),
    });
    assert.deepEqual([wrong.status, wrong.json.error.code], [422, "hash_mismatch"]);
    const known = (await upload(world, A, { "/k": "known" }))["/k"]!;
    const again = await world.ops("PUT", url(`/blobs/${known}`), Buffer.from("known"));
    assert.deepEqual(again.json, { dedup: true, size: 5 });
    const check = await world.ops("POST", url("/blobs/check"), { hashes: [known, claimed] });
    assert.deepEqual(check.json.missing, [claimed]);
  });

  it("takes many small ones at once, each named by what it is", async () => {
    const contents = ["<h1>a</h1>", "<h1>b</h1>", ""];
    const encoded = contents.map((content) => Buffer.from(content).toString("base64"));
    const put = await world.ops("POST", url("/blobs"), { contents: encoded });
    assert.equal(put.status, 201, put.text);
    assert.deepEqual(put.json.stored, contents.map((content) => sha(content)));
    assert.equal((await world.ops("POST", url("/blobs"), { contents: encoded })).status, 201);
    const check = await world.ops("POST", url("/blobs/check"), { hashes: put.json.stored });
    assert.deepEqual(check.json.missing, []);
    const published = await world.ops("POST", url("/publish"), { files: { "/index.html": put.json.stored[1] } });
    assert.equal(published.status, 201, published.text);
    assert.equal((await world.visit(host, "/")).text, "<h1>b</h1>");
    for (const contents of [["#"], [7], "x", undefined, Array.from({ length: 51 }, () => "")]) {
      assert.equal((await world.ops("POST", url("/blobs"), { contents })).status, 400);
    }
    assert.equal((await world.ops("POST", url("/blobs"), { contents: ["A".repeat(3 << 20)] })).status, 413);
  });

  it("lists and streams what a backup needs, and restores from it", async () => {
    const names = (await world.ops("GET", url("/objects?prefix=m/"))).json.objects.map((object: { key: string }) => object.key);
    const manifest = await world.ops("GET", url(`/objects/${names[0]}`));
    assert.equal(manifest.status, 200);
    const stored = JSON.parse(manifest.text);
    const restored = await world.ops("POST", url("/restore"), stored);
    assert.equal(restored.status, 201, restored.text);
    assert.equal((await world.ops("GET", url("/objects?prefix=../"))).status, 400);
    assert.equal((await world.ops("GET", url("/objects/live.jsonx"))).status, 400);
    const usage = (await world.ops("GET", url("/usage"))).json;
    assert.ok(usage.bytes > 0 && usage.files > 5 && usage.releases >= 3);
  });

  it("erases everything, but only of a tenant that is leaving", async () => {
    assert.equal((await world.ops("POST", url("/purge"), {})).json.error.code, "tenant_not_leaving");
    await setTenant(world, A, "anna", { status: "offboarding" });
    assert.equal((await world.visit(host, "/")).status, 410);
    assert.equal((await world.ops("POST", url("/purge"), {})).json.done, true);
    assert.deepEqual((await (await world.bucket("SITES")).list({ prefix: `t/${A}/` })).objects, []);
  });
});

describe("a restart of the edge", () => {
  it("forgets no site, no draft and no session", async () => {
    const folder = await mkdtemp(`${tmpdir()}/edge-`);
    const one = await World.start({}, {}, folder);
    const host = await addTenant(one, A, "anna");
    const { release } = await publish(one, A, { "/index.html": "<h1>da</h1>" });
    const person = await Person.signedIn(one, { sub: "u1", tenants: [{ id: A, slug: "anna", role: "owner" }] });
    await one.stop();
    const two = await World.start({}, {}, folder);
    person.world = two;
    assert.equal((await two.visit(host, "/")).text, "<h1>da</h1>");
    assert.equal((await person.get("/api/v1/session")).json.tenant.id, A);
    assert.deepEqual(Object.keys((await person.get("/api/v1/draft")).json.files), ["/index.html"]);
    assert.equal((await two.ops("GET", url("/releases"))).json.live.release, release);
    await two.stop();
    await rm(folder, { recursive: true });
  });
});
