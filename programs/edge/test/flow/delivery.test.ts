import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { sha } from "./keys.ts";
import { LIMITS, addTenant, publish, setTenant, tid } from "./tenants.ts";
import { World, logged } from "./world.ts";

const A = tid("a");
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const FILES = {
  "/index.html": "<h1>Start</h1>",
  "/team/index.html": "<h1>Team</h1>",
  "/about.html": "<h1>Über</h1>",
  "/404.html": "<h1>Nichts</h1>",
  "/app.1a2b3c4d.js": "let a",
  "/app.js": "let b",
  "/bild.svg": svg,
  "/leer.txt": "",
  "/ä ö/ü.html": "<h1>Umlaut</h1>",
  "/data.json": "0123456789",
  "/unseen.txt": "never asked for before",
};
const SETTINGS = {
  redirects: [
    { from: "/alt", to: "/about", status: 301 },
    { from: "/blog/*", to: "/news/*", status: 302 },
    { from: "/go/*", to: "/*", status: 307 },
    { from: "/ext/*", to: "https://shop.example/x/*", status: 308 },
  ],
  headers: [{ path: "/data.json", set: { "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60" } }],
};

describe("serving a site", () => {
  let world: World;
  let host: string;
  const get = (path: string, headers: Record<string, string> = {}, method = "GET") => world.visit(host, path, { method, headers });
  before(async () => {
    world = await World.start();
    host = await addTenant(world, A, "anna");
    await publish(world, A, FILES, { settings: SETTINGS });
  });
  after(() => world.stop());

  it("finds pages, files and the site's own 404 page", async () => {
    const found = async (path: string) => {
      const { status, headers, text } = await get(path);
      return [status, headers.location ?? text];
    };
    assert.deepEqual(await found("/"), [200, "<h1>Start</h1>"]);
    assert.deepEqual(await found("/index.html"), [200, "<h1>Start</h1>"]);
    assert.deepEqual(await found("/team"), [308, "/team/"]);
    assert.deepEqual(await found("/team?a=1&b"), [308, "/team/?a=1&b"]);
    assert.deepEqual(await found("/team/"), [200, "<h1>Team</h1>"]);
    assert.deepEqual(await found("/about"), [200, "<h1>Über</h1>"]);
    assert.deepEqual(await found("/about/"), [308, "/about"]);
    assert.deepEqual(await found("/%C3%A4%20%C3%B6/%C3%BC"), [200, "<h1>Umlaut</h1>"]);
    assert.deepEqual(await found("/nothing"), [404, "<h1>Nichts</h1>"]);
    assert.deepEqual(await found("/leer.txt"), [200, ""]);
  });

  it("follows the site's redirects and never off to where a path says", async () => {
    const to = async (path: string) => (await get(path)).headers.location;
    assert.equal(await to("/alt"), "/about");
    assert.equal(await to("/blog/2026/x"), "/news/2026/x");
    assert.equal(await to("/ext/a"), "https://shop.example/x/a");
    assert.equal(await to("/go//evil.example"), "/evil.example");
    assert.equal(await to("/go/%2Fevil.example"), "/evil.example");
    assert.equal(await to("/go/https://evil.example"), "/https://evil.example");
    assert.equal((await get("//evil.example/")).headers.location, undefined);
  });

  it("sets every header of the security set, on every kind of answer", async () => {
    for (const path of ["/", "/app.js", "/nothing", "/alt", "/_sp/nothing", "/_sp/health"]) {
      const { headers } = await get(path);
      assert.equal(headers["x-content-type-options"], "nosniff", path);
      assert.equal(headers["x-frame-options"], "SAMEORIGIN", path);
      assert.equal(headers["referrer-policy"], "strict-origin-when-cross-origin", path);
      assert.equal(headers["set-cookie"], undefined, path);
    }
    const picture = await get("/bild.svg");
    assert.deepEqual(
      [picture.headers["content-type"], picture.headers["content-security-policy"]],
      ["image/svg+xml", "script-src 'none'; sandbox"],
    );
  });

  it("tells caches how long each kind stays", async () => {
    const control = async (path: string) => (await get(path)).headers["cache-control"];
    assert.equal(await control("/"), "public, max-age=0, must-revalidate");
    assert.equal(await control("/nothing"), "public, max-age=0, must-revalidate");
    assert.equal(await control("/app.1a2b3c4d.js"), "public, max-age=31536000, immutable");
    assert.equal(await control("/app.js"), "public, max-age=3600");
    const data = await get("/data.json");
    assert.deepEqual([data.headers["cache-control"], data.headers["access-control-allow-origin"]], ["public, max-age=60", "*"]);
  });

  it("answers 304 to what the visitor has, also after compression weakened the tag", async () => {
    const tag = `"${sha("<h1>Start</h1>")}"`;
    assert.equal((await get("/")).headers.etag, tag);
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const answer = await get("/", { "if-none-match": header });
      assert.deepEqual([answer.status, answer.bytes.length, answer.headers.etag], [304, 0, tag], header);
    }
    assert.equal((await get("/", { "if-none-match": '"other"' })).status, 200);
    assert.equal((await get("/nothing", { "if-none-match": "*" })).status, 404);
  });

  it("answers HEAD like GET without a body", async () => {
    const [head, full] = [await get("/data.json", {}, "HEAD"), await get("/data.json")];
    assert.deepEqual(
      [head.status, head.bytes.length, head.headers["content-length"], head.headers.etag, head.headers["accept-ranges"]],
      [200, 0, "10", full.headers.etag, "bytes"],
    );
    assert.equal((await get("/nothing", {}, "HEAD")).status, 404);
  });

  it("serves parts, and the whole when a part makes no sense", async () => {
    const range = async (value: string, more: Record<string, string> = {}) => {
      const { status, text, headers } = await get("/data.json", { range: value, ...more });
      return [status, text, headers["content-range"] ?? null];
    };
    assert.deepEqual(await range("bytes=2-4"), [206, "234", "bytes 2-4/10"]);
    assert.deepEqual(await range("bytes=7-"), [206, "789", "bytes 7-9/10"]);
    assert.deepEqual(await range("bytes=-3"), [206, "789", "bytes 7-9/10"]);
    assert.deepEqual(await range("bytes=0-99"), [206, "0123456789", "bytes 0-9/10"]);
    assert.deepEqual(await range("bytes=10-"), [416, "", "bytes */10"]);
    assert.deepEqual(await range("bytes=-0"), [416, "", "bytes */10"]);
    for (const odd of ["bytes=1-2,4-5", "bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=-"]) {
      assert.deepEqual(await range(odd), [200, "0123456789", null], odd);
    }
    assert.deepEqual(await range("bytes=2-4", { "if-range": `"${sha("0123456789")}"` }), [206, "234", "bytes 2-4/10"]);
    assert.deepEqual(await range("bytes=2-4", { "if-range": '"old"' }), [200, "0123456789", null]);
    assert.deepEqual((await get("/leer.txt", { range: "bytes=0-" })).status, 416);
  });

  it("serves from the cache without mixing tenants, and never anything stale", async () => {
    const other = await addTenant(world, tid("b"), "bert");
    await publish(world, tid("b"), { "/index.html": "<h1>Bert</h1>", "/same.txt": "0123456789" });
    const [mine, theirs] = [await get("/data.json"), await world.visit(other, "/same.txt")];
    assert.equal(mine.text, theirs.text);
    await (await world.bucket("SITES")).delete(`t/${A}/b/${sha("0123456789")}`);
    assert.equal((await get("/data.json")).text, "0123456789");
    await publish(world, tid("b"), { "/index.html": "<h1>Neu</h1>" });
    assert.equal((await world.visit(other, "/")).text, "<h1>Neu</h1>");
  });

  it("raises an alarm when content is missing, and shows a calm page", async () => {
    await (await world.bucket("SITES")).delete(`t/${A}/b/${sha("never asked for before")}`);
    const answer = await get("/unseen.txt");
    assert.equal(answer.status, 502);
    assert.match(answer.text, /kann gerade nicht geladen werden/);
    await logged("asset_missing", sha("never asked for before"));
  });

  it("does not take a lost release for an empty site, and recovers with it", async () => {
    const cara = await addTenant(world, tid("c"), "cara");
    const { release } = await publish(world, tid("c"), { "/index.html": "<h1>Cara</h1>" });
    const [sites, key] = [await world.bucket("SITES"), `t/${tid("c")}/m/${release}.json`];
    const stored = await (await sites.get(key))!.text();
    await sites.delete(key);
    assert.equal((await world.visit(cara, "/")).status, 502);
    await logged("manifest_missing", key);
    await sites.put(key, stored);
    assert.equal((await world.visit(cara, "/")).text, "<h1>Cara</h1>");
  });

  it("keeps in the cache what is small, and only what is small", async () => {
    const dora = await addTenant(world, tid("d"), "dora", { limits: { ...LIMITS, file_bytes: 16 << 20, site_bytes: 32 << 20 } });
    const files: Record<string, string> = { "/small.txt": "s".repeat(5 << 20), "/large.txt": "l".repeat((5 << 20) + 1) };
    await publish(world, tid("d"), files);
    const sizes = async () => [(await world.visit(dora, "/small.txt")).bytes.length, (await world.visit(dora, "/large.txt")).bytes.length];
    assert.deepEqual(await sizes(), [5 << 20, (5 << 20) + 1]);
    const bucket = await world.bucket("SITES");
    for (const content of Object.values(files)) await bucket.delete(`t/${tid("d")}/b/${sha(content)}`);
    const answers = [await world.visit(dora, "/small.txt"), await world.visit(dora, "/large.txt")];
    assert.deepEqual(answers.map((answer) => answer.status), [200, 502]);
  });

  it("lets nobody store or find the pages of the platform", async () => {
    await setTenant(world, tid("e"), "emil", { status: "suspended" });
    await world.setHost("emil.localhost", { t: tid("e"), kind: "sub" });
    const pages: [string, string, number][] = [["nobody.localhost", "/", 404], [host, "/%00", 400], ["emil.localhost", "/", 503]];
    for (const [name, path, status] of pages) {
      const { headers, ...answer } = await world.visit(name, path);
      assert.deepEqual([answer.status, headers["cache-control"], headers["x-robots-tag"]], [status, "no-store", "noindex"], name);
      assert.match(String(headers["content-security-policy"]), /default-src 'none'/);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
  });

  it("refuses paths that no browser means and methods that change things", async () => {
    for (const path of [
      "/%00",
      "/%",
      "/%E4",
      "/a%5Cb",
      "/%2e%2e%2f%2e%2e%2fsecret",
      "/x/%2E%2E/y%2f..%2fz",
      `/${"x".repeat(600)}`,
      "/%e2%80%ae.html",
    ]) {
      const { status } = await get(path);
      assert.ok(status === 400 || (status === 404 && !path.includes("%00")), `${path} ${status}`);
    }
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"]) {
      const answer = await get("/", {}, method);
      assert.deepEqual([answer.status, answer.headers.allow], [405, "GET, HEAD"], method);
    }
  });

  it("redirects a host that gave way to another, and knows unknown ones", async () => {
    await world.setHost("www.anna.example", { t: A, kind: "own", to: host });
    const answer = await world.visit("www.anna.example", "/team?x=1");
    assert.deepEqual([answer.status, answer.headers.location], [308, `http://${host}/team?x=1`]);
    assert.equal((await world.visit("www.anna.example", "/_sp/health")).json.ok, true);
    const unknown = await world.visit("nobody.localhost", "/", { headers: { "accept-language": "en" } });
    assert.equal(unknown.status, 404);
    assert.match(unknown.text, /<html lang="en">/);
    assert.equal((await world.visit(`${host.toUpperCase()}`, "/")).status, 200);
  });

  it("answers every address of a web app with its first page, if the plan has it", async () => {
    await publish(world, A, { "/index.html": "<h1>App</h1>", "/a.js": "1" }, { settings: { spa: true } });
    assert.equal((await get("/any/where")).text, "<h1>App</h1>");
    assert.equal((await get("/missing.png")).status, 404);
    await setTenant(world, A, "anna", { features: { forms: true } });
    assert.equal((await get("/any/where")).status, 404);
    await setTenant(world, A, "anna");
  });

  it("keeps or strips the slash as the site wants", async () => {
    const site = { "/index.html": "s", "/team/index.html": "t" };
    await publish(world, A, site, { settings: { slash: "strip" } });
    assert.equal((await get("/team/")).headers.location, "/team");
    assert.equal((await get("/team")).text, "t");
    assert.equal((await get("/")).text, "s");
    await publish(world, A, site, { settings: { slash: "keep" } });
    assert.deepEqual([(await get("/team/")).text, (await get("/team")).text], ["t", "t"]);
  });
});

describe("serving over https", () => {
  it("asks browsers to stay there, without speaking for the subdomains of a customer", async () => {
    const world = await World.start({ public_scheme: "https" });
    const host = await addTenant(world, A, "anna");
    await world.setHost("www.anna.example", { t: A, kind: "own" });
    await world.setHost("anna.example", { t: A, kind: "own", to: "www.anna.example" });
    const policy = async (name: string) => (await world.visit(name, "/")).headers["strict-transport-security"];
    assert.equal(await policy(host), "max-age=31536000; includeSubDomains");
    assert.equal(await policy("www.anna.example"), "max-age=31536000");
    assert.equal((await world.visit("anna.example", "/x")).headers.location, "https://www.anna.example/x");
    await world.stop();
  });
});
