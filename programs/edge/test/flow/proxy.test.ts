import { strict as assert } from "node:assert";
import { verify } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { b64url, readJwt, sessionAssertionKey, sha, sha256 } from "./keys.ts";
import { Person } from "./person.ts";
import { addTenant, tid } from "./tenants.ts";
import { World } from "./world.ts";

const A = tid("a");

describe("the way through to the control plane", () => {
  let world: World;
  let owner: Person;
  before(async () => {
    world = await World.start();
    await addTenant(world, A, "anna");
    owner = await Person.signedIn(world, { sub: "u1", tenants: [{ id: A, slug: "anna", role: "owner" }] });
  });
  after(() => world.stop());
  beforeEach(() => {
    world.outside.received = [];
    world.outside.answer("control", () => ({ body: { ok: true } }));
  });

  it("carries an assertion that fits exactly this request", async () => {
    const sent = { host: "www.anna.example" };
    const answer = await owner.post("/api/v1/account/hosts?x=1", sent, { "idempotency-key": "key-1" });
    assert.deepEqual([answer.status, answer.json], [200, { ok: true }]);
    const [got] = world.outside.of("control");
    assert.deepEqual([got!.method, got!.path, JSON.parse(got!.body)], ["POST", "/edge/v1/hosts?x=1", sent]);
    assert.equal(got!.headers["idempotency-key"], "key-1");
    const token = String(got!.headers.authorization).slice(7);
    const { claims } = readJwt(token);
    const sid = owner.cookie.split("=")[1]!.split(".")[0]!;
    const { iat, exp, jti, auth_time, ...rest } = claims;
    assert.deepEqual(rest, {
      iss: "edge-core",
      aud: "cp",
      env: "test",
      sub: "u1",
      tid: A,
      role: "owner",
      sid_hash: sha(sid),
      m: "POST",
      p: "/edge/v1/hosts?x=1",
      bh: b64url(sha256(JSON.stringify(sent))),
    });
    assert.ok(exp - iat === 60 && jti.length > 16 && auth_time > 0);
    const [head, body, signature] = token.split(".");
    assert.ok(verify(null, Buffer.from(`${head}.${body}`), sessionAssertionKey.publicKey, Buffer.from(signature!, "base64url")));
  });

  it("never uses an assertion twice", async () => {
    await owner.get("/api/v1/account/members");
    await owner.get("/api/v1/account/members");
    const [one, two] = world.outside.of("control").map((got) => readJwt(String(got.headers.authorization).slice(7)).claims.jti);
    assert.notEqual(one, two);
  });

  it("lets through what is listed and nothing else", async () => {
    const listed: [string, string][] = [
      ["GET", "/profile"],
      ["PATCH", "/profile"],
      ["GET", "/members"],
      ["POST", "/members"],
      ["DELETE", "/members/u2"],
      ["GET", "/hosts"],
      ["POST", "/hosts"],
      ["POST", "/hosts/www.a.example/recheck"],
      ["POST", "/hosts/www.a.example/primary"],
      ["DELETE", "/hosts/www.a.example"],
      ["GET", "/mail"],
      ["POST", "/mail/recheck"],
      ["GET", "/forms/recipients"],
      ["PUT", "/forms/recipients"],
      ["GET", "/exports"],
      ["POST", "/exports"],
    ];
    for (const [method, path] of listed) {
      const answer = await owner.send(method, `/api/v1/account${path}`, ["GET", "DELETE"].includes(method) ? undefined : {});
      assert.equal(answer.status, 200, `${method} ${path}`);
    }
    const unlisted: [string, string][] = [
      ["GET", "/"],
      ["GET", "/tenants"],
      ["DELETE", "/profile"],
      ["GET", "/../oauth/token"],
      ["GET", "/hosts/..%2f..%2fadmin"],
      ["POST", "/hosts/../members/recheck"],
      ["GET", "/members/u2"],
      ["POST", "/hosts/WWW.A.example/recheck"],
      ["GET", "//evil.example"],
      ["GET", "/profile/"],
      ["PUT", "/hosts"],
      ["GET", "/profile%00"],
    ];
    world.outside.received = [];
    for (const [method, path] of unlisted) {
      const answer = await owner.send(method, `/api/v1/account${path}`, ["GET", "DELETE"].includes(method) ? undefined : {});
      assert.ok([404, 405].includes(answer.status), `${method} ${path} ${answer.status}`);
    }
    assert.deepEqual(world.outside.of("control"), []);
  });

  it("hands on no cookie, no foreign authority, no header of the edge", async () => {
    await owner.get("/api/v1/account/mail", {
      headers: {
        cookie: owner.cookie,
        authorization: "Bearer stolen",
        "x-tenant-id": "other",
        "x-forwarded-for": "1.2.3.4",
        "cf-worker": "evil",
        referer: "http://x",
      },
    });
    const { headers } = world.outside.of("control")[0]!;
    assert.equal(headers.cookie, undefined);
    assert.ok(!String(headers.authorization).includes("stolen"));
    for (const name of ["x-tenant-id", "x-forwarded-for", "referer"]) assert.equal(headers[name], undefined, name);
  });

  it("brings back only what a page may have", async () => {
    world.outside.answer("control", () => ({
      status: 409,
      headers: { "set-cookie": "a=b", "x-secret": "1", etag: '"x"', location: "https://evil.example/", "retry-after": "5" },
      body: { code: "busy" },
    }));
    const answer = await owner.post("/api/v1/account/mail/recheck");
    assert.deepEqual([answer.status, answer.json], [409, { code: "busy" }]);
    for (const name of ["set-cookie", "x-secret", "location"]) assert.equal(answer.headers[name], undefined, name);
    assert.deepEqual([answer.headers.etag, answer.headers["retry-after"], answer.headers["cache-control"]], ['"x"', "5", "no-store"]);
    world.outside.answer("control", () => ({ status: 302, headers: { location: "http://169.254.169.254/" }, body: {} }));
    assert.equal((await owner.get("/api/v1/account/mail")).headers.location, undefined);
    world.outside.answer("control", () => ({ headers: { "content-type": "text/html" }, body: "<script>" }));
    assert.equal((await owner.get("/api/v1/account/mail")).status, 502);
  });

  it("says that it cannot be reached, and shows the hosts it knows all the same", async () => {
    world.outside.answer("control", () => ({ drop: true }));
    const answer = await owner.get("/api/v1/account/mail");
    assert.deepEqual([answer.status, answer.json.error.code], [504, "control_plane_unavailable"]);
    const { hosts } = (await owner.get("/api/v1/site")).json;
    assert.deepEqual(hosts, [{ host: "anna.localhost", state: "unknown", reason: "not_checked", records: [] }]);
    world.outside.answer("control", () => ({ body: { hosts: [{ host: "anna.localhost", state: "live", reason: null, records: [] }] } }));
    assert.equal((await owner.get("/api/v1/site")).json.hosts[0].state, "live");
    world.outside.answer("control", () => ({ drop: true }));
    assert.equal((await owner.get("/api/v1/site")).json.hosts[0].state, "live");
  });

  it("takes JSON of a sensible size only", async () => {
    const form = await owner.send("POST", "/api/v1/account/hosts", Buffer.from("host=x"), {
      "content-type": "application/x-www-form-urlencoded",
    });
    assert.equal(form.status, 415);
    const big = await owner.post("/api/v1/account/hosts", { host: "x".repeat(1 << 20) });
    assert.equal(big.status, 413);
    assert.deepEqual(world.outside.of("control"), []);
  });
});
