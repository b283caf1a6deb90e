import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { sha } from "./keys.ts";
import { Person } from "./person.ts";
import { addTenant, setTenant, tid } from "./tenants.ts";
import { World, ZONE } from "./world.ts";

const A = tid("a");
const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(20)]);

async function put(person: Person, content: Buffer | string) {
  const bytes = Buffer.from(content);
  return person.send("PUT", `/api/v1/blobs/${sha(bytes)}`, bytes);
}

async function commit(person: Person, change: object, etag?: string) {
  const match = etag ?? (await person.get("/api/v1/draft")).headers.etag!;
  return person.post("/api/v1/draft/commit", change, { "if-match": match });
}

describe("the studio's way from a file to the web", () => {
  let world: World;
  let person: Person;
  let host: string;
  before(async () => {
    world = await World.start();
    host = await addTenant(world, A, "anna");
    person = await Person.signedIn(world, { sub: "u1", tenants: [{ id: A, slug: "anna", role: "owner" }] });
  });
  after(() => world.stop());

  it("uploads, commits, previews, publishes and serves", async () => {
    const empty = await person.get("/api/v1/draft");
    assert.deepEqual([empty.headers.etag, empty.json.files], ['"none"', {}]);
    const check = await person.post("/api/v1/blobs/check", { hashes: [sha("<h1>eins</h1>")] });
    assert.deepEqual(check.json.missing, [sha("<h1>eins</h1>")]);
    assert.deepEqual((await put(person, "<h1>eins</h1>")).status, 201);
    assert.deepEqual((await put(person, "<h1>eins</h1>")).json, { dedup: true, size: 13 });
    await put(person, png);
    const committed = await commit(person, {
      put: [
        { path: "/index.html", sha256: sha("<h1>eins</h1>") },
        { path: "/a.png", sha256: sha(png) },
      ],
    });
    assert.deepEqual([committed.status, committed.json.files, committed.json.bytes], [200, 2, 13 + png.length]);
    const preview = await person.post("/api/v1/preview");
    assert.ok(preview.json.url.startsWith(`http://anna--preview.${ZONE}/_sp/preview?token=v1.`));
    assert.equal((await world.visit(host, "/")).status, 404);
    const published = await person.post("/api/v1/publish", { draft_etag: committed.json.etag, expect_live: null });
    assert.equal(published.status, 201);
    assert.equal(published.json.url, `http://${host}/`);
    assert.equal((await world.visit(host, "/")).text, "<h1>eins</h1>");
    assert.equal((await world.visit(host, "/a.png")).headers["content-type"], "image/png");
  });

  it("shows the draft only with a preview token for this tenant and host", async () => {
    await put(person, "<h1>zwei</h1>");
    await commit(person, { put: [{ path: "/index.html", sha256: sha("<h1>zwei</h1>") }] });
    const { url } = (await person.post("/api/v1/preview")).json;
    const [preview, path] = [new URL(url).host, url.slice(url.indexOf("/_sp"))];
    assert.equal((await world.visit(preview, "/")).status, 403);
    const opened = await world.visit(preview, path);
    assert.deepEqual([opened.status, opened.headers.location], [303, "/"]);
    assert.match(opened.headers["set-cookie"]![0]!, /^__Host-sp_preview=.*; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    const cookie = opened.headers["set-cookie"]![0]!.split(";")[0]!;
    const page = await world.visit(preview, "/", { headers: { cookie } });
    assert.deepEqual([page.text, page.headers["cache-control"], page.headers["x-robots-tag"]], ["<h1>zwei</h1>", "no-store", "noindex"]);
    assert.equal((await world.visit(host, "/")).text, "<h1>eins</h1>");
    assert.equal((await world.visit(host, path)).status, 404);
    const other = await addTenant(world, tid("b"), "bert");
    assert.equal((await world.visit(`bert--preview.${ZONE}`, path)).status, 403);
    assert.equal((await world.visit(`bert--preview.${ZONE}`, "/", { headers: { cookie } })).status, 403);
    assert.ok(other);
  });

  it("publishes only the draft that was looked at, over the release that was looked at", async () => {
    const site = (await person.get("/api/v1/site")).json;
    const stale = await person.post("/api/v1/publish", { draft_etag: site.draft.etag, expect_live: "r7-000000000000" });
    assert.deepEqual([stale.status, stale.json.error.code], [409, "stale_release"]);
    const changed = await person.post("/api/v1/publish", { draft_etag: "0123", expect_live: site.live.release });
    assert.deepEqual([changed.status, changed.json.error.code], [412, "draft_changed"]);
    assert.equal((await person.post("/api/v1/publish", { draft_etag: site.draft.etag })).json.error.code, "expect_live_required");
    const done = await person.post("/api/v1/publish", { draft_etag: site.draft.etag, expect_live: site.live.release });
    assert.deepEqual([done.status, done.json.n], [201, 2]);
    const again = await person.post("/api/v1/publish", { draft_etag: site.draft.etag, expect_live: site.live.release });
    assert.deepEqual([again.status, again.json.release], [201, done.json.release]);
  });

  it("lists releases, shows what was in them, and puts one back", async () => {
    const { releases } = (await person.get("/api/v1/releases")).json;
    assert.deepEqual(
      releases.map((entry: any) => [entry.n, entry.live, entry.by]),
      [
        [2, true, "u1"],
        [1, false, "u1"],
      ],
    );
    const shown = await person.get(`/api/v1/releases/${releases[1].release}`);
    assert.equal(shown.json.files["/index.html"].h, sha("<h1>eins</h1>"));
    const back = await person.post("/api/v1/rollback", { release: releases[1].release, expect_live: releases[0].release });
    assert.deepEqual([back.status, back.json.n], [201, 3]);
    assert.equal((await world.visit(host, "/")).text, "<h1>eins</h1>");
    assert.equal((await person.post("/api/v1/rollback", { release: "r9-ffffffffffff", expect_live: null })).status, 404);
  });

  it("lets one of two commits win and loses nothing of it", async () => {
    for (const text of ["one", "two", "three"]) await put(person, text);
    const etag = (await person.get("/api/v1/draft")).headers.etag!;
    const answers = await Promise.all(
      ["one", "two", "three"].map((text) => commit(person, { put: [{ path: `/${text}.txt`, sha256: sha(text) }] }, etag)),
    );
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 412, 412]);
    const files = Object.keys((await person.get("/api/v1/draft")).json.files).filter((path) => path.endsWith(".txt"));
    assert.equal(files.length, 1);
  });

  it("refuses what must not come in", async () => {
    const code = async (change: object) => (await commit(person, change)).json.error.code;
    const entry = (path: unknown, sha256: unknown = sha("<h1>eins</h1>")) => ({ put: [{ path, sha256 }] });
    assert.equal(await code(entry("/x.php")), "type_not_allowed");
    assert.equal(await code(entry("/x")), "type_not_allowed");
    assert.equal(await code(entry("/x.png")), "type_not_allowed");
    assert.equal(await code(entry("/x.svg/../y.html")), "bad_path");
    assert.equal(await code(entry("/_sp/health.html")), "bad_path");
    assert.equal(await code(entry("/%2e%2e/x.html")), "bad_path");
    assert.equal(await code(entry(7)), "bad_path");
    assert.equal(await code(entry("/y.html", "../../../t/b")), "bad_hash");
    assert.equal(await code(entry("/y.html", sha("never uploaded"))), "blob_missing");
    assert.equal(await code(entry("/INDEX.html")), "path_collision");
    assert.equal(await code({ put: Array.from({ length: 501 }, () => ({})) }), "too_many_entries");
    assert.equal((await person.post("/api/v1/draft/commit", {})).json.error.code, "if_match_required");
    const much = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [n, n]));
    assert.equal(
      await code({ put: Object.keys(much).map((n) => ({ path: `/${n}.html`, sha256: sha("<h1>eins</h1>") })) }),
      "limit_exceeded",
    );
  });

  it("refuses uploads that lie about themselves or are too big", async () => {
    const claimed = sha("x");
    const wrong = await person.send("PUT", `/api/v1/blobs/${claimed}`, Buffer.from("y"));
    assert.deepEqual([wrong.status, wrong.json.error.code], [422, "hash_mismatch"]);
    const big = await person.send("PUT", `/api/v1/blobs/${claimed}`, Buffer.alloc((1 << 20) + 1));
    assert.deepEqual([big.status, big.json.error.code], [413, "too_large"]);
    const unknown = await person.send("PUT", `/api/v1/blobs/${claimed}`, Buffer.from("x"), {
      "transfer-encoding": "chunked",
      "content-length": "",
    });
    assert.equal(unknown.status, 411);
    assert.equal((await person.send("PUT", "/api/v1/blobs/..%2f..%2fx", Buffer.from("x"))).status, 404);
    const nothing = await person.send("PUT", `/api/v1/blobs/${sha("")}`, Buffer.alloc(0), { "content-length": "0" });
    assert.deepEqual([nothing.status, nothing.json.size], [201, 0]);
  });

  it("keeps settings that are safe and refuses those that are not", async () => {
    const set = async (settings: object) => (await commit(person, { settings })).json.error?.details?.field ?? "ok";
    assert.equal(await set({ slash: "strip", redirects: [{ from: "/alt/*", to: "/neu/*", status: 308 }] }), "ok");
    assert.equal(await set({ redirects: [{ from: "/shop", to: "https://shop.example/", status: 302 }] }), "ok");
    assert.equal(await set({ headers: [{ path: "/*", set: { "X-Robots-Tag": "noindex" } }] }), "ok");
    assert.equal(await set({ slash: "maybe" }), "slash");
    assert.equal(await set({ surprise: 1 }), "surprise");
    for (const to of [
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
      "http://plain.example/",
      "https://*",
      "https://evil.example*",
    ]) {
      assert.equal(await set({ redirects: [{ from: "/a/*", to, status: 301 }] }), "redirects", to);
    }
    for (const name of [
      "set-cookie",
      "location",
      "content-length",
      "content-encoding",
      "x-frame-options",
      "strict-transport-security",
      "service-worker-allowed",
      "x-content-type-options",
    ]) {
      assert.equal(await set({ headers: [{ path: "/*", set: { [name]: "x" } }] }), name);
    }
    assert.equal(await set({ headers: [{ path: "/*", set: { link: "a\r\nset-cookie: x" } }] }), "link");
  });

  it("asks for the plan's features", async () => {
    await setTenant(world, A, "anna", { features: { forms: true } });
    const spa = await commit(person, { settings: { spa: true } });
    assert.deepEqual([spa.status, spa.json.error.code, spa.json.error.details.feature], [402, "feature_not_in_plan", "spa"]);
    assert.deepEqual((await person.post("/api/v1/preview")).json.error.details, { feature: "preview" });
    await setTenant(world, A, "anna");
  });

  it("holds its own pages to a strict policy and serves them whole", async () => {
    const shell = await world.portal("/");
    assert.equal(
      shell.headers["content-security-policy"],
      "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'",
    );
    assert.ok(!/<script(?![^>]* src=)/.test(shell.text) && !/ style=| on\w+=/.test(shell.text));
    const names = [...shell.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!);
    assert.equal(names.length, 3);
    let size = shell.bytes.length;
    for (const name of names) {
      const asset = await world.portal(name);
      assert.deepEqual([asset.status, asset.headers["cache-control"]], [200, "public, max-age=31536000, immutable"]);
      size += asset.bytes.length;
    }
    assert.ok(size < 200 * 1024, `${size} bytes`);
    assert.equal((await world.portal("/assets/constructor")).status, 404);
    assert.equal((await world.portal("/nowhere")).status, 404);
  });
});
