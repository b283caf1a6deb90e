import { strict as assert } from "node:assert";
import { createCipheriv, createDecipheriv, createHash, verify } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { b64url, readJwt, sessionAssertionKey, sha, sha256 } from "./keys.ts";
import { ORIGIN, Person, codeFor, cookieOf, identityAnswers, untilSlowedDown } from "./person.ts";
import { addTenant, setTenant, tid } from "./tenants.ts";
import { World } from "./world.ts";

const A = tid("a");
const B = tid("b");
const owner = {
  sub: "u1",
  tenants: [
    { id: A, slug: "anna", role: "owner" },
    { id: B, slug: "bert", role: "reader" },
  ],
};

const sidOf = (person: Person): string => person.cookie.split("=")[1]!.split(".")[0]!;

/** Changes a stored session as only somebody with its cookie could. */
async function rewrite(person: Person, change: (session: any) => object): Promise<void> {
  const [sid, sessions] = [sidOf(person), await person.world.kv("SESSIONS")];
  const [key, handle] = [sha256(`session-record|${sid}`), sha(sid)];
  const [iv, sealed] = (await sessions.get(`s:${handle}`))!.split(".").map((part) => Buffer.from(part, "base64url")) as [Buffer, Buffer];
  const opener = createDecipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(handle)).setAuthTag(sealed.subarray(-16));
  const session = JSON.parse(opener.update(sealed.subarray(0, -16)).toString() + opener.final().toString());
  const sealer = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(handle));
  const body = Buffer.concat([sealer.update(JSON.stringify(change(session))), sealer.final()]);
  await sessions.put(`s:${handle}`, `${b64url(iv)}.${b64url(Buffer.concat([body, sealer.getAuthTag()]))}`);
}

describe("signing in with the control plane", () => {
  let world: World;
  before(async () => {
    world = await World.start();
    await addTenant(world, A, "anna");
    await addTenant(world, B, "bert", { locale: "en" });
    world.outside.answer("control", identityAnswers);
  });
  after(() => world.stop());

  it("asks for a code with PKCE and proves itself with its own key", async () => {
    const person = new Person(world);
    const login = await person.get("/auth/login?return=/versions");
    const query = new URL(login.headers.location!).searchParams;
    assert.equal(login.status, 302);
    assert.deepEqual(
      [query.get("client_id"), query.get("response_type"), query.get("code_challenge_method")],
      ["edge-core", "code", "S256"],
    );
    assert.equal(query.get("redirect_uri"), `${ORIGIN}/auth/callback`);
    assert.match(login.headers["set-cookie"]![0]!, /^__Host-sp_login=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const answer = await person.signIn(owner, "/versions");
    assert.deepEqual([answer.status, answer.headers.location], [303, "/versions"]);
    const asked = new URLSearchParams(world.outside.of("control").at(-1)!.body);
    const { header, claims } = readJwt(asked.get("client_assertion")!);
    assert.deepEqual(
      [claims.iss, claims.sub, claims.aud, claims.exp - claims.iat],
      ["edge-core", "edge-core", world.outside.url("control"), 60],
    );
    const [head, body, signature] = asked.get("client_assertion")!.split(".");
    assert.ok(verify(null, Buffer.from(`${head}.${body}`), sessionAssertionKey.publicKey, Buffer.from(signature!, "base64url")));
    const { x } = sessionAssertionKey.jwk;
    assert.equal(header.kid, createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url"));
    assert.equal(asked.get("redirect_uri"), `${ORIGIN}/auth/callback`);
  });

  it("sends the challenge that belongs to the verifier", async () => {
    const person = new Person(world);
    const login = await person.get("/auth/login");
    const query = new URL(login.headers.location!).searchParams;
    const path = `/auth/callback?code=${codeFor(owner)}&state=${query.get("state")}&iss=${world.outside.url("control")}`;
    await person.get(path, { headers: { cookie: cookieOf(login, "__Host-sp_login")! } });
    const verifier = new URLSearchParams(world.outside.of("control").at(-1)!.body).get("code_verifier")!;
    assert.equal(createHash("sha256").update(verifier).digest("base64url"), query.get("code_challenge"));
  });

  it("gives a host-bound cookie, and tells the page who is there", async () => {
    const person = new Person(world);
    const answer = await person.signIn(owner);
    const cookie = answer.headers["set-cookie"]!.find((one) => one.startsWith("__Host-sp_session="))!;
    assert.match(cookie, /; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=43\d\d\d$/);
    const session = await person.refresh();
    assert.deepEqual(session.user, { id: "u1", email: "anna@example.com", name: "Anna", locale: "de" });
    assert.deepEqual([session.tenant.id, session.role, session.tenants.length], [A, "owner", 2]);
    assert.notEqual((await person.refresh()).csrf, session.csrf);
  });

  it("refuses another browser's state, a missing cookie, another issuer, a used code", async () => {
    const one = new Person(world);
    const two = new Person(world);
    const [login, other] = [await one.get("/auth/login"), await two.get("/auth/login")];
    const state = new URL(login.headers.location!).searchParams.get("state");
    const iss = encodeURIComponent(world.outside.url("control"));
    const back = (code: string, issuer = iss) => `/auth/callback?code=${code}&state=${state}&iss=${issuer}`;
    const cookie = cookieOf(login, "__Host-sp_login")!;
    const stolen = await two.get(back(codeFor(owner)), { headers: { cookie: cookieOf(other, "__Host-sp_login")! } });
    assert.deepEqual([stolen.status, stolen.json.error.code], [400, "bad_state"]);
    assert.equal((await one.get(back(codeFor(owner)))).json.error.code, "bad_state");
    assert.equal(
      (await one.get(back(codeFor(owner), "https%3A%2F%2Fevil.example"), { headers: { cookie } })).json.error.code,
      "bad_issuer",
    );
    assert.equal(
      (await one.get(`/auth/callback?code=${codeFor(owner)}&state=${state}`, { headers: { cookie } })).json.error.code,
      "bad_issuer",
    );
    const code = codeFor(owner);
    assert.equal((await one.get(back(code), { headers: { cookie } })).status, 303);
    assert.deepEqual((await one.get(back(code), { headers: { cookie } })).json.error.code, "sign_in_refused");
  });

  it("keeps a changed login cookie from choosing where to go", async () => {
    const person = new Person(world);
    const login = await person.get("/auth/login");
    const [name, value] = cookieOf(login, "__Host-sp_login")!.split("=") as [string, string];
    const [packed, kid, mac] = value.split(".");
    const changed = JSON.parse(Buffer.from(packed!, "base64url").toString());
    changed.back = "https://evil.example";
    const forged = `${name}=${Buffer.from(JSON.stringify(changed)).toString("base64url")}.${kid}.${mac}`;
    const answer = await person.get(`/auth/callback?code=${codeFor(owner)}&state=${changed.state}&iss=x`, { headers: { cookie: forged } });
    assert.equal(answer.json.error.code, "bad_state");
  });

  for (const back of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/%0d%0aset-cookie:x",
    "/\t/evil.example",
    "evil",
    "/..//evil.example",
  ]) {
    it(`never leaves the portal for ${JSON.stringify(back)}`, async () => {
      const answer = await new Person(world).signIn(owner, back);
      assert.equal(answer.status, 303);
      const target = new URL(answer.headers.location!, ORIGIN);
      assert.equal(target.origin, ORIGIN);
      assert.ok(!answer.headers.location!.startsWith("//"));
    });
  }

  it("starts a new id at each sign-in and ends the one before", async () => {
    const person = new Person(world);
    await person.signIn(owner);
    const first = person.cookie;
    await person.signIn(owner);
    assert.notEqual(person.cookie, first);
    const old = await world.portal("/api/v1/session", { headers: { cookie: first } });
    assert.equal(old.status, 401);
  });

  it("takes only cookies that it signed, under any living key", async () => {
    const person = await Person.signedIn(world, owner);
    const value = person.cookie.split("=")[1]!;
    const [sid, kid, mac] = value.split(".") as [string, string, string];
    const flipped = (mac[0] === "A" ? "B" : "A") + mac.slice(1);
    for (const forged of [
      `${sid}.${kid}.${flipped}`,
      `${sid}.s1.${mac}`,
      `${sid}.nokey.${mac}`,
      `${sid}.${kid}`,
      `x${sid}.${kid}.${mac}`,
      ".",
      "..",
      `${sid}.${kid}.${mac}.x`,
    ]) {
      const answer = await world.portal("/api/v1/session", { headers: { cookie: `__Host-sp_session=${forged}` } });
      assert.equal(answer.status, 401, forged);
    }
    const two = await world.portal("/api/v1/session", { headers: { cookie: `__Host-sp_session=garbage; ${person.cookie}` } });
    assert.equal(two.status, 200);
  });

  it("stores no session id and nothing personal in clear", async () => {
    const person = await Person.signedIn(world, owner);
    const sessions = await world.kv("SESSIONS");
    const names = (await sessions.list()).keys.map((key) => key.name);
    assert.ok(names.includes(`s:${sha(sidOf(person))}`));
    const everything = names.join() + (await Promise.all(names.map((name) => sessions.get(name)))).join();
    for (const secret of [sidOf(person), "anna@example.com", "Anna", "csrf"]) assert.ok(!everything.includes(secret), secret);
    await sessions.put(`s:${sha(sidOf(person))}`, (await sessions.get(`s:${sha(sidOf(await Person.signedIn(world, owner)))}`))!);
    assert.equal((await person.get("/api/v1/session")).status, 401);
  });

  it("ends at sign-out, by epoch, by person, by age and by idleness", async () => {
    const status = async (person: Person) => (await person.get("/api/v1/session")).status;
    const out = await Person.signedIn(world, owner);
    const left = await out.post("/auth/logout");
    assert.deepEqual([left.status, left.headers["clear-site-data"]], [204, '"cookies"']);
    assert.equal(await status(out), 401);
    const epoch = await Person.signedIn(world, { sub: "u2", tenants: [owner.tenants[1]!] });
    assert.equal((await world.ops("POST", `/ops/v1/tenants/${B}/sessions/revoke`, { epoch: 5 })).status, 204);
    assert.equal(await status(epoch), 401);
    const revoked = await Person.signedIn(world, { sub: "u3", tenants: owner.tenants });
    assert.equal((await world.ops("POST", "/ops/v1/users/u3/revoke", { not_before: Math.floor(Date.now() / 1000) })).status, 204);
    assert.equal(await status(revoked), 401);
    const old = await Person.signedIn(world, owner);
    await rewrite(old, (session) => ({ ...session, created: session.created - 13 * 3600 }));
    assert.equal(await status(old), 401);
    const idle = await Person.signedIn(world, owner);
    await (await world.kv("SESSIONS")).delete(`i:${sha(sidOf(idle))}`);
    assert.equal(await status(idle), 401);
  });

  it("is not brought back by a request that was still under way", async () => {
    const person = await Person.signedIn(world, owner);
    const sessions = await world.kv("SESSIONS");
    await sessions.put(`i:${sha(sidOf(person))}`, String(Math.floor(Date.now() / 1000) - 3000));
    await Promise.all([
      person.get("/api/v1/session"),
      person.post("/auth/logout"),
      person.get("/api/v1/session"),
      person.get("/api/v1/site"),
    ]);
    assert.equal((await person.get("/api/v1/session")).status, 401);
    assert.equal(await sessions.get(`s:${sha(sidOf(person))}`), null);
  });

  it("changes the tenant only to one's own, with a new session id", async () => {
    const person = await Person.signedIn(world, owner);
    const before = person.cookie;
    const foreign = await person.post("/api/v1/session/tenant", { tenant_id: tid("c") });
    assert.deepEqual([foreign.status, foreign.json.error.code], [403, "not_a_member"]);
    const changed = await person.post("/api/v1/session/tenant", { tenant_id: B });
    assert.equal(changed.status, 204);
    person.cookie = cookieOf(changed, "__Host-sp_session")!;
    const session = await person.refresh();
    assert.deepEqual([session.tenant.id, session.role], [B, "reader"]);
    assert.equal((await world.portal("/api/v1/session", { headers: { cookie: before } })).status, 401);
  });

  it("lets people leave, and go elsewhere, when their site has gone", async () => {
    const E = tid("e");
    await addTenant(world, E, "emil");
    const both = [{ id: E, slug: "emil", role: "owner" }, owner.tenants[0]!];
    const [one, two] = [
      await Person.signedIn(world, { sub: "u6", tenants: both }),
      await Person.signedIn(world, { sub: "u7", tenants: both }),
    ];
    await setTenant(world, E, "emil", { status: "gone" });
    assert.equal((await one.get("/api/v1/session")).status, 403);
    assert.equal((await one.post("/auth/logout")).status, 204);
    const moved = await two.post("/api/v1/session/tenant", { tenant_id: A });
    assert.equal(moved.status, 204);
    two.cookie = cookieOf(moved, "__Host-sp_session")!;
    assert.equal((await two.refresh()).tenant.id, A);
  });

  it("lets nobody in who has no site, or whose site is gone", async () => {
    const none = await new Person(world).signIn({ sub: "u4", tenants: [] });
    assert.equal(none.headers.location, "/?problem=no_site");
    await setTenant(world, tid("d"), "dora", { status: "gone" });
    const gone = await new Person(world).signIn({ sub: "u5", tenants: [{ id: tid("d"), slug: "dora", role: "owner" }] });
    assert.equal(gone.headers.location, "/?problem=no_site");
    assert.equal(cookieOf(gone, "__Host-sp_session"), null);
  });

  it("says so when the control plane cannot be asked or answers nonsense", async () => {
    for (const reply of [{ drop: true }, { status: 500 }, { body: "<html>" }, { body: { sub: "x y", tenants: [] } }]) {
      world.outside.answer("control", () => reply);
      const answer = await new Person(world).signIn(owner);
      assert.deepEqual([answer.status, answer.json.error.code], [502, "idp_unavailable"]);
    }
    world.outside.answer("control", identityAnswers);
  });

  it("slows down whoever tries too often", async () => {
    const person = new Person(world, "198.51.100.7");
    const passed = await untilSlowedDown(10, () => person.get("/auth/login"));
    assert.ok(passed >= 10 && passed <= 20, String(passed));
    assert.equal((await new Person(world, "198.51.100.8").get("/auth/login")).status, 302);
  });
});
