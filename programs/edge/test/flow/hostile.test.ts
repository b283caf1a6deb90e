/** What attackers try from outside, and what one tenant tries against another. */
import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { ROUTES } from "../../src/core/api.ts";
import { OPS_ROUTES } from "../../src/core/ops/router.ts";
import { b64url, jwt, opsKey, sha, strangerKey, type OpsClaims } from "./keys.ts";
import { ORIGIN, Person, untilSlowedDown } from "./person.ts";
import { addTenant, doc, publish, setTenant, tid, upload } from "./tenants.ts";
import { OPS, PORTAL, World, logs } from "./world.ts";

const A = tid("a");
const B = tid("b");

/** A path that the pattern of a route matches. */
function example(pattern: RegExp, object: string): string {
  const path = pattern.source
    .replaceAll("\\/", "/")
    .replace(/^\^|\$$/g, "")
    .replace("([0-9a-f]{64})", sha("x"))
    .replace("(r[0-9]{1,9}-[0-9a-f]{12})", "r1-0123456789ab")
    .replace("([0-9]{8}T[0-9]{9}-[0-9a-f]{12})", "20260102T030405678-0123456789ab")
    .replace("([\\w./-]{1,120})", object);
  assert.match(path, pattern);
  return path;
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", () => resolve(answer));
  });
}

describe("against strangers", () => {
  let world: World;
  let anna: Person;
  let bert: Person;
  before(async () => {
    world = await World.start();
    await addTenant(world, A, "anna");
    await addTenant(world, B, "bert");
    anna = await Person.signedIn(world, { sub: "ua", tenants: [{ id: A, slug: "anna", role: "owner" }] });
    bert = await Person.signedIn(world, { sub: "ub", tenants: [{ id: B, slug: "bert", role: "owner" }] });
    await publish(world, A, { "/index.html": "<h1>Anna</h1>", "/secret.txt": "only of Anna" });
    await publish(world, B, { "/index.html": "<h1>Bert</h1>" });
  });
  after(() => world.stop());

  it("the ops API believes only a token that fits in every part", async () => {
    const path = `/ops/v1/tenants/${A}`;
    const now = Math.floor(Date.now() / 1000);
    const wrong: [string, Partial<OpsClaims>][] = [
      ["issuer", { iss: "edge-core" }],
      ["audience", { aud: "cp" }],
      ["environment", { env: "live" }],
      ["tenant", { sub: B }],
      ["everybody", { sub: "*" }],
      ["method", { m: "PUT" }],
      ["path", { p: `/ops/v1/tenants/${B}` }],
      ["query", { p: `${path}?x=1` }],
      ["body", { bh: b64url("x") }],
      ["expired", { iat: now - 120, exp: now - 60 }],
      ["too long", { exp: now + 3600 }],
      ["from the future", { iat: now + 120, exp: now + 150 }],
      ["another key", { key: strangerKey.privateKey }],
      ["an unknown key id", { kid: "ops-9" }],
    ];
    assert.equal((await world.ops("GET", path)).status, 200);
    for (const [what, claims] of wrong) {
      const answer = await world.ops("GET", path, undefined, claims);
      assert.deepEqual([answer.status, answer.json.error.code], [401, "unauthorized"], what);
    }
  });

  it("the ops API takes no token without a signature, and none of another kind", async () => {
    const path = `/ops/v1/tenants/${A}`;
    const claims = {
      iss: "control-plane",
      aud: "edge-ops",
      env: "test",
      sub: A,
      m: "GET",
      p: path,
      bh: b64url(Buffer.from(sha(""), "hex")),
      jti: "1",
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 30,
    };
    const good = jwt(opsKey.privateKey, "ops-1", claims);
    const none = `${b64url('{"alg":"none"}')}.${good.split(".")[1]}.`;
    const symmetric = jwt(opsKey.privateKey, "ops-1", claims, { alg: "HS256" });
    for (const token of [none, symmetric, `${good}x`, `${good}.x`, good.slice(0, -4), "", "a.b.c", "x".repeat(9000)]) {
      const answer = await world.portal(path, { headers: { authorization: `Bearer ${token}` } }, OPS);
      assert.equal(answer.status, 401, token.slice(0, 40));
    }
    assert.equal((await world.portal(path, { headers: { authorization: `Bearer ${good}` } }, OPS)).status, 200);
    assert.equal((await world.portal(path, { headers: { authorization: `bearer ${good}` } }, OPS)).status, 401);
  });

  it("the ops API exists on its own host only, and the studio on its own", async () => {
    const path = `/ops/v1/tenants/${A}`;
    for (const host of [PORTAL, "anna.localhost", "ops.localhost.evil.example", "127.0.0.1"]) {
      assert.equal((await world.ops("GET", path, undefined, {}, host)).status, 404, host);
    }
    for (const path of ["/", "/api/v1/session", "/auth/login", "/assets/x"])
      assert.equal((await world.portal(path, {}, OPS)).status, 404, path);
    assert.equal((await world.ops("GET", "/readyz")).json.mailer, "ok");
    assert.equal((await world.portal("/readyz", {}, OPS)).status, 401);
    assert.deepEqual((await world.portal("/healthz", {}, OPS)).json, { ok: true, version: "test" });
  });

  it("a tenant document never goes backwards, is checked, and dies for good", async () => {
    const C = tid("c");
    const put = (own: object) => world.ops("PUT", `/ops/v1/tenants/${C}`, doc("cora", { rev: 5, ...own }));
    assert.deepEqual((await put({})).json, { rev: 5 });
    assert.equal((await put({})).status, 200);
    assert.equal((await put({ status: "suspended" })).json.error.code, "stale_revision");
    assert.deepEqual((await put({ rev: 4 })).json.error.details, { rev: 5 });
    assert.equal((await put({ rev: 6, epoch: 4 })).status, 200);
    await put({ rev: 7, epoch: 2 });
    assert.equal((await world.ops("GET", `/ops/v1/tenants/${C}`)).json.epoch, 4);
    for (const bad of [
      { status: "free" },
      { rev: 0 },
      { limits: {} },
      { hosts: ["a b"] },
      { surprise: 1 },
      { stripe_customer: "cus_x/../y" },
      { features: { a: "yes" } },
    ]) {
      assert.equal((await put({ rev: 9, ...bad })).status, 400, JSON.stringify(bad));
    }
    assert.equal((await world.ops("DELETE", `/ops/v1/tenants/${C}`, { rev: 6 })).status, 409);
    assert.equal((await world.ops("DELETE", `/ops/v1/tenants/${C}`, { rev: 8 })).status, 200);
    assert.equal((await world.ops("DELETE", `/ops/v1/tenants/${C}`, { rev: 8 })).status, 200);
    assert.equal((await put({ rev: 8 })).status, 409);
    assert.equal((await world.ops("GET", `/ops/v1/tenants/${C}`)).json.status, "gone");
  });

  it("a page of somebody else cannot act for who is signed in", async () => {
    const draft = (await anna.get("/api/v1/draft")).headers.etag!;
    const attempts: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "" },
      { origin: "http://anna.localhost" },
      { origin: `${ORIGIN}.evil.example` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { "x-csrf-token": "" },
      { "x-csrf-token": bert.csrf },
      { "x-csrf-token": anna.csrf.slice(0, -2) },
      { "x-csrf-token": `${anna.csrf}AA` },
    ];
    for (const headers of attempts) {
      const answer = await anna.post("/api/v1/draft/commit", { delete: ["/index.html"] }, { "if-match": draft, ...headers });
      assert.equal(answer.status, 403, JSON.stringify(headers));
    }
    const form = await anna.send("POST", "/api/v1/publish", Buffer.from("a=b"), { "content-type": "text/plain" });
    assert.equal(form.status, 415);
    assert.equal((await anna.get("/api/v1/draft")).headers.etag, draft);
    for (const path of ["/auth/logout", "/api/v1/publish", "/api/v1/draft/commit"]) assert.equal((await anna.get(path)).status, 405, path);
  });

  it("one tenant reaches nothing of another: not by hash, release, cookie, header or body", async () => {
    const secret = sha("only of Anna");
    assert.deepEqual((await bert.post("/api/v1/blobs/check", { hashes: [secret] })).json.missing, [secret]);
    const draft = (await bert.get("/api/v1/draft")).headers.etag!;
    const taken = await bert.post("/api/v1/draft/commit", { put: [{ path: "/x.txt", sha256: secret }] }, { "if-match": draft });
    assert.equal(taken.json.error.code, "blob_missing");
    const release = (await anna.get("/api/v1/releases")).json.releases[0].release;
    assert.equal((await bert.get(`/api/v1/releases/${release}`)).status, 404);
    assert.equal((await bert.post("/api/v1/rollback", { release, expect_live: null })).status, 404);
    const claimed = await bert.get("/api/v1/session", {
      headers: { "x-tenant-id": A, "x-sp-tenant": A, cookie: `${bert.cookie}; tenant=${A}` },
    });
    assert.equal(claimed.json.tenant.id, B);
    assert.equal((await bert.post("/api/v1/session/tenant", { tenant_id: A })).status, 403);
    const files = await upload(world, A, { "/y.html": "y" });
    assert.equal((await world.ops("POST", `/ops/v1/tenants/${B}/publish`, { files })).json.error.code, "blob_missing");
    assert.equal((await world.visit("bert.localhost", "/secret.txt")).status, 404);
  });

  it("every route of the studio wants a session, a page of ours, and a tenant that may", async () => {
    await addTenant(world, tid("g"), "greta");
    const greta = await Person.signedIn(world, { sub: "ug", tenants: [{ id: tid("g"), slug: "greta", role: "owner" }] });
    await setTenant(world, tid("g"), "greta", { status: "gone" });
    assert.ok(ROUTES.length > 12);
    for (const { method, path } of ROUTES) {
      const target = example(path, "");
      const asked = (person: Person) => person.send(method, target, method === "GET" || method === "DELETE" ? undefined : {});
      assert.equal(
        (await world.portal(target, { method, headers: { origin: ORIGIN } })).status,
        401,
        `${method} ${target} without a session`,
      );
      assert.equal((await asked(greta)).status, 403, `${method} ${target} for a tenant that is gone`);
      if (method === "GET") continue;
      const forged = await anna.send(method, target, method === "DELETE" ? undefined : {}, { "x-csrf-token": bert.csrf });
      assert.equal(forged.status, 403, `${method} ${target} with another's token`);
    }
    for (const path of ["/auth/logout", "/api/v1/session/tenant", "/api/v1/account/hosts"]) {
      assert.equal((await world.portal(path, { method: "POST", headers: { origin: ORIGIN } })).status, 401, path);
      assert.equal((await anna.post(path, {}, { "x-csrf-token": bert.csrf })).status, 403, path);
    }
  });

  it("every ops route wants a token for just this tenant", async () => {
    assert.ok(OPS_ROUTES.length > 15);
    for (const { method, path } of OPS_ROUTES) {
      const target = `/ops/v1/tenants/${A}${example(path, "live.json")}`;
      assert.equal((await world.portal(target, { method }, OPS)).status, 401, `${method} ${target} without a token`);
      assert.equal((await world.ops(method, target, undefined, { sub: B })).status, 401, `${method} ${target} with another's token`);
    }
    const blob = `/ops/v1/tenants/${A}/blobs/${sha("x")}`;
    assert.equal((await world.ops("PUT", blob, Buffer.from("x"), { sub: B })).status, 401);
    assert.equal((await world.ops("PUT", blob, Buffer.from("x"), { bh: b64url("other") })).status, 401);
    assert.equal((await world.ops("POST", "/ops/v1/users/u1/revoke", { not_before: 1 }, { sub: A })).status, 401);
  });

  it("internal Workers cannot be named, and hosts cannot be pretended", async () => {
    for (const headers of [
      { "mf-route-override": "customer" },
      { "mf-original-url": `http://${OPS}/healthz` },
      { "x-forwarded-host": OPS },
      { forwarded: `host=${OPS}` },
    ] as Record<string, string>[]) {
      const answer = await world.visit("nobody.localhost", "/healthz", { headers });
      assert.equal(answer.status, 404, JSON.stringify(headers));
    }
    for (const path of ["/cdn-cgi/mf/scheduled", "/cdn-cgi/trace", "/cdn-cgi/handler/email"]) {
      assert.ok((await world.visit("anna.localhost", path)).status >= 400, path);
      assert.ok((await world.portal(path)).status >= 400, path);
    }
    const port = world.port("core");
    const absolute = await raw(port, `GET http://${OPS}/ops/v1/tenants/${A} HTTP/1.1\r\nHost: ${PORTAL}\r\nConnection: close\r\n\r\n`);
    assert.ok(!absolute.includes(" 200 "), absolute.slice(0, 60));
    const twice = await raw(
      world.port("domain"),
      `GET / HTTP/1.1\r\nHost: anna.localhost\r\nHost: bert.localhost\r\nConnection: close\r\n\r\n`,
    );
    assert.ok(!(twice.includes("Anna") && twice.includes("Bert")));
    for (const host of [
      "",
      "anna.localhost.",
      "anna.localhost:99999",
      "anna.localhost@evil",
      "h:anna.localhost",
      "..",
      "%61nna.localhost",
    ]) {
      const answer = await raw(world.port("domain"), `GET /secret.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const allowed = ["anna.localhost.", "%61nna.localhost"].includes(host);
      assert.ok(allowed || !answer.includes("only of Anna"), host);
    }
  });

  it("preview tokens cannot be made, changed, moved or outlived", async () => {
    const { url } = (await anna.post("/api/v1/preview")).json;
    const token = new URL(url).searchParams.get("token")!;
    const [version, payload, mac] = token.split(".");
    const grant = JSON.parse(Buffer.from(payload!, "base64url").toString());
    const forged = (own: object) => `${version}.${b64url(JSON.stringify({ ...grant, ...own }))}.${mac}`;
    const open = async (candidate: string, host = "anna--preview.localhost") =>
      (await world.visit(host, `/_sp/preview?token=${candidate}`)).status;
    assert.equal(await open(token), 303);
    for (const bad of [
      forged({ exp: grant.exp + 9999 }),
      forged({ t: B }),
      forged({ h: "bert--preview.localhost" }),
      `v2.${payload}.${mac}`,
      `${token}.x`,
      "",
      "v1..",
      payload!,
    ]) {
      assert.equal(await open(bad), 403, bad.slice(0, 30));
    }
    assert.equal(await open(token, "bert--preview.localhost"), 403);
    const moment = (await world.visit("anna.localhost", "/_sp/forms/contact")).json.t;
    assert.equal(await open(`v1.${moment}`), 403);
  });

  it("too many calls are slowed down by session, not by everybody", async () => {
    const passed = await untilSlowedDown(300, () => bert.get("/api/v1/session"));
    assert.ok(passed <= 600, String(passed));
    assert.equal((await anna.get("/api/v1/session")).status, 200);
  });

  it("says nothing of a secret in logs or answers", () => {
    const written = logs.join("");
    for (const secret of ["second-session-key", "preview-key", "rk_test_edge", "re_platform", anna.cookie.split("=")[1]!, anna.csrf]) {
      assert.ok(!written.includes(secret), secret.slice(0, 8));
    }
  });
});
