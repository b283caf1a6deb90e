import { strict as assert } from "node:assert";
import { after, before, beforeEach, describe, it } from "node:test";
import { sha } from "./keys.ts";
import { Person, untilSlowedDown } from "./person.ts";
import { addTenant, setTenant, tid } from "./tenants.ts";
import { World, logs } from "./world.ts";

const A = tid("a");
const B = tid("b");
let rev = 0;
let client = 0;

describe("messages from visitors", () => {
  let world: World;
  let host: string;
  let person: Person;

  async function mail(own: Record<string, unknown> = {}, id = A) {
    const doc = {
      rev: (rev += 1),
      mode: "own",
      from: "Anna <post@anna.example>",
      reply_to: null,
      to: ["anna@anna.example"],
      api_key: "re_tenant_12345678",
      domain_status: "verified",
      ...own,
    };
    return world.ops("PUT", `/ops/v1/tenants/${id}/mail`, doc);
  }
  function send(fields: Record<string, string>, headers: Record<string, string> = {}, form = "contact") {
    const ip = `198.51.100.${(client += 1) % 250}`;
    const body = new URLSearchParams(fields).toString();
    return world.visit(host, `/_sp/forms/${form}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", "cf-connecting-ip": ip, ...headers },
    });
  }
  const sent = () => world.outside.of("resend").map((one) => ({ ...one, mail: JSON.parse(one.body) }));
  const inbox = async () => (await person.get("/api/v1/inbox")).json.submissions;

  before(async () => {
    world = await World.start();
    host = await addTenant(world, A, "anna");
    await addTenant(world, B, "bert");
    person = await Person.signedIn(world, { sub: "u1", tenants: [{ id: A, slug: "anna", role: "owner" }] });
    assert.equal((await mail()).status, 204);
  });
  after(() => world.stop());
  beforeEach(() => {
    world.outside.received = [];
    let n = 0;
    world.outside.answer("resend", () => ({ body: { id: `mail-${(n += 1)}` } }));
  });

  it("are stored, mailed from the tenant's own domain, and thanked for", async () => {
    const answer = await send({ name: "Bea", email: "bea@example.com", message: "Hallo\nAnna" });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /Danke für Ihre Nachricht/);
    const [one] = sent();
    assert.equal(one!.headers.authorization, "Bearer re_tenant_12345678");
    assert.deepEqual(
      [one!.mail.from, one!.mail.to, one!.mail.reply_to],
      ["Anna <post@anna.example>", ["anna@anna.example"], "bea@example.com"],
    );
    assert.match(one!.mail.text, /message:\nHallo\nAnna/);
    assert.equal(one!.mail.html, undefined);
    assert.match(String(one!.headers["idempotency-key"]), /^[0-9a-f]{64}$/);
    assert.ok(one!.headers["user-agent"], "Resend refuses a request without a user agent");
    const [stored] = await inbox();
    assert.deepEqual([stored.sent, stored.mail_id, stored.fields.name], [true, "mail-1", "Bea"]);
    assert.ok(!JSON.stringify(stored).includes("198.51.100."));
  });

  it("answer a page with 303 to a path of its own and a script with JSON", async () => {
    assert.equal((await send({ message: "x", _next: "/danke" })).headers.location, "/danke");
    for (const evil of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"]) {
      const answer = await send({ message: "x", _next: evil });
      assert.deepEqual([answer.status, answer.headers.location], [303, "/"], evil);
    }
    const json = await world.visit(host, "/_sp/forms/contact", {
      method: "POST",
      body: '{"message":"hi"}',
      headers: { "content-type": "application/json", "cf-connecting-ip": "203.0.113.9" },
    });
    assert.deepEqual([json.status, json.json.ok], [202, true]);
  });

  it("from machines are dropped without telling them", async () => {
    const before = (await inbox()).length;
    const now = await world.visit(host, "/_sp/forms/contact");
    assert.match(now.json.t, /^\d+\./);
    assert.equal((await send({ message: "x", _hp: "filled" })).status, 200);
    assert.equal((await send({ message: "x", _t: now.json.t })).status, 200);
    assert.equal((await send({ message: "x", _t: `1000.${now.json.t.split(".")[1]}` })).status, 200);
    assert.deepEqual([sent().length, (await inbox()).length], [0, before]);
  });

  it("cannot choose recipients, senders or headers", async () => {
    const injected = "x@example.com\r\nBcc: all@example.com";
    await send({
      email: injected,
      "name\r\nBcc": "x",
      message: "m",
      to: "evil@example.com",
      from: "evil@example.com",
      subject: "S\r\nBcc: y",
    }).then((answer) => assert.equal(answer.status, 400));
    await send({ email: injected, message: "m", to: "evil@example.com", from: "evil@example.com", subject: "S\r\nBcc: y" });
    const [one] = sent();
    assert.deepEqual([one!.mail.to, one!.mail.from, one!.mail.reply_to], [["anna@anna.example"], "Anna <post@anna.example>", undefined]);
    assert.ok(!/[\r\n]/.test(one!.mail.subject));
    assert.deepEqual(Object.keys(one!.mail).sort(), ["from", "subject", "text", "to"]);
  });

  it("are refused when foreign, too big, too many, or empty", async () => {
    assert.equal((await send({ message: "x" }, { origin: "https://evil.example" })).status, 403);
    assert.equal((await send({ message: "x" }, { "sec-fetch-site": "cross-site" })).status, 403);
    assert.equal((await send({ message: "x" }, { origin: `http://${host}`, "sec-fetch-site": "same-origin" })).status, 200);
    assert.equal((await send({ message: "x".repeat(5001) })).status, 400);
    assert.equal((await send({ message: "x".repeat(33 << 10) })).status, 413);
    assert.equal((await send(Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`f${n}`, "x"])))).status, 400);
    assert.equal((await send({ message: "  " })).status, 400);
    assert.equal((await send({ message: "x" }, { "content-type": "text/plain" })).status, 415);
    assert.equal((await send({ message: "x" }, {}, "../x")).status, 404);
    const passed = await untilSlowedDown(5, () => send({ message: "x" }, { "cf-connecting-ip": "203.0.113.77" }));
    assert.ok(passed >= 5 && passed <= 10, String(passed));
  });

  it("need the plan's feature", async () => {
    await setTenant(world, A, "anna", { features: { forms: false } });
    assert.equal((await send({ message: "x" })).status, 404);
    assert.equal((await world.visit(host, "/_sp/forms/contact")).status, 404);
    await setTenant(world, A, "anna");
  });

  it("survive a mail vendor that is down, and are sent later with the same key", async () => {
    world.outside.answer("resend", () => ({ status: 500 }));
    assert.equal((await send({ message: "später" })).status, 200);
    const [stored] = await inbox();
    assert.equal(stored.sent, false);
    const key = sent()[0]!.headers["idempotency-key"];
    world.outside.received = [];
    world.outside.answer("resend", () => ({ body: { id: "late" } }));
    const retried = await world.ops("POST", `/ops/v1/tenants/${A}/mail-retry`, {});
    assert.deepEqual(retried.json, { done: true, cursor: null, count: 1 });
    assert.equal(sent()[0]!.headers["idempotency-key"], key);
    assert.deepEqual((await inbox())[0].mail_id, "late");
    assert.equal((await world.ops("POST", `/ops/v1/tenants/${A}/mail-retry`, {})).json.count, 0);
  });

  it("wait a moment when the vendor's limit is met", async () => {
    let asked = 0;
    world.outside.received = [];
    world.outside.answer("resend", () => ((asked += 1) === 1 ? { status: 429 } : { body: { id: "in-turn" } }));
    assert.equal((await send({ message: "zu viele" })).status, 200);
    const [first, second] = sent();
    assert.equal(first!.headers["idempotency-key"], second!.headers["idempotency-key"]);
    assert.deepEqual([(await inbox())[0].sent, (await inbox())[0].mail_id], [true, "in-turn"]);
  });

  it("go out under the platform's name until the domain is verified", async () => {
    for (const own of [{ domain_status: "pending" }, { mode: "platform", from: null, api_key: undefined }]) {
      world.outside.received = [];
      assert.equal((await mail(own)).status, 204);
      await send({ email: "bea@example.com", message: "x" });
      const [one] = sent();
      assert.deepEqual(
        [one!.headers.authorization, one!.mail.from, one!.mail.reply_to],
        ["Bearer re_platform_0001", "Sites <post@mail.example>", "bea@example.com"],
      );
    }
    assert.equal((await mail()).status, 204);
  });

  it("rely on settings that are useless to a reader of the store", async () => {
    const stored = (await (await world.mailKv()).get(`m:${A}`))!;
    assert.ok(!stored.includes("re_tenant") && !stored.includes("anna@anna.example"));
    await (await world.mailKv()).put(`m:${B}`, stored);
    world.outside.received = [];
    const answer = await world.visit("bert.localhost", "/_sp/forms/contact", {
      method: "POST",
      body: "message=x",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assert.equal(answer.status, 502);
    assert.equal(sent().length, 0);
    assert.ok(!logs.join("").includes("re_tenant"));
  });

  it("follow settings that are checked and never go backwards", async () => {
    const field = async (own: Record<string, unknown>) => (await mail(own)).json?.error?.details?.field ?? "ok";
    assert.equal(await field({ to: Array(6).fill("a@b.example") }), "to");
    assert.equal(await field({ to: ["x@y.example\r\nBcc: z@y.example"] }), "to");
    assert.equal(await field({ from: "Evil <a@b.example>, c@d.example" }), "from");
    assert.equal(await field({ api_key: "no" }), "api_key");
    assert.equal(await field({ mode: "both" }), "mode");
    assert.equal(await field({ surprise: 1 }), "document");
    const stale = await world.ops("PUT", `/ops/v1/tenants/${A}/mail`, { rev: 0, mode: "platform", from: null, reply_to: null, to: [] });
    assert.deepEqual([stale.status, stale.json.error.code], [409, "stale_revision"]);
    assert.equal((await mail({ api_key: undefined })).status, 204);
    await send({ message: "x" });
    assert.equal(sent()[0]!.headers.authorization, "Bearer re_tenant_12345678");
  });

  it("are read newest first, page by page, and deleted by their owner only", async () => {
    for (let n = 0; n < 18; n += 1) await send({ message: `nr ${n}` });
    const first = (await person.get("/api/v1/inbox")).json;
    const second = (await person.get(`/api/v1/inbox?cursor=${first.cursor}`)).json;
    assert.equal(first.submissions.length, 25);
    const ids = [...first.submissions, ...second.submissions].map((one: any) => one.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(
      ids.map((id: string) => id.slice(0, 18)),
      ids
        .map((id: string) => id.slice(0, 18))
        .sort()
        .reverse(),
    );
    const other = await Person.signedIn(world, { sub: "u2", tenants: [{ id: B, slug: "bert", role: "owner" }] });
    assert.equal((await other.send("DELETE", `/api/v1/inbox/${ids[0]}`)).status, 404);
    assert.deepEqual(
      (await other.get("/api/v1/inbox")).json.submissions.filter((one: any) => ids.includes(one.id)),
      [],
    );
    assert.equal((await person.send("DELETE", `/api/v1/inbox/${ids[0]}`)).status, 204);
    assert.equal((await person.send("DELETE", `/api/v1/inbox/${ids[0]}`)).status, 404);
    assert.equal((await person.get("/api/v1/inbox?cursor=../x")).status, 400);
  });

  it("can be tried out, and stop when the settings are removed", async () => {
    assert.equal((await person.post("/api/v1/inbox/test")).json.mail_id, "mail-1");
    assert.deepEqual(sent()[0]!.mail.to, ["anna@anna.example"]);
    assert.equal((await world.ops("DELETE", `/ops/v1/tenants/${A}/mail`, { rev: 0 })).status, 409);
    assert.equal((await world.ops("DELETE", `/ops/v1/tenants/${A}/mail`, { rev: (rev += 1) })).status, 204);
    world.outside.received = [];
    assert.equal((await send({ message: "x" })).status, 200);
    assert.equal(sent().length, 0);
    assert.equal((await person.post("/api/v1/inbox/test")).json.error.code, "no_recipients");
    assert.ok(sha("x"));
  });
});
