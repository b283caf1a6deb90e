import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { sha } from "./keys.ts";
import { Person } from "./person.ts";
import { addTenant, publish, setTenant, tid } from "./tenants.ts";
import { World } from "./world.ts";

const A = tid("a");

/** status → site, read, draft, publish, export, billing, form, session: what each of them answers to an owner. */
const TABLE: Record<string, [number, number, number, number, number, number, number, number]> = {
  provisioning: [503, 200, 200, 409, 200, 200, 503, 200],
  active: [200, 200, 200, 201, 200, 200, 202, 200],
  past_due: [200, 200, 200, 201, 200, 200, 202, 200],
  suspended: [503, 200, 402, 402, 200, 200, 503, 200],
  frozen: [503, 423, 423, 423, 423, 200, 503, 200],
  offboarding: [410, 402, 402, 402, 200, 200, 410, 200],
  gone: [404, 403, 403, 403, 403, 403, 404, 403],
};

describe("what a tenant may do in each status", () => {
  let world: World;
  let owner: Person;
  let reader: Person;
  let editor: Person;
  let host: string;
  before(async () => {
    world = await World.start();
    host = await addTenant(world, A, "anna");
    const as = (role: string) => Person.signedIn(world, { sub: role, tenants: [{ id: A, slug: "anna", role }] });
    [owner, editor, reader] = [await as("owner"), await as("editor"), await as("reader")];
    world.outside.answer("control", () => ({ body: { hosts: [], exports: [] } }));
    world.outside.answer("stripe", () => ({ body: { data: [] } }));
    await publish(world, A, { "/index.html": "<h1>da</h1>" });
  });
  after(() => world.stop());

  let serial = 0;
  async function newDraft(person: Person): Promise<{ status: number; etag: string }> {
    const text = `draft ${(serial += 1)}`;
    await world.ops("PUT", `/ops/v1/tenants/${A}/blobs/${sha(text)}`, Buffer.from(text));
    const usable = (await person.get("/api/v1/draft")).headers.etag ?? '"none"';
    const answer = await person.post("/api/v1/draft/commit", { put: [{ path: "/index.html", sha256: sha(text) }] }, { "if-match": usable });
    return { status: answer.status, etag: answer.json.etag };
  }

  async function probe(): Promise<number[]> {
    const site = await world.visit(host, "/");
    const session = await owner.get("/api/v1/session");
    owner.csrf = session.json.csrf ?? owner.csrf;
    const read = await owner.get("/api/v1/site");
    const draft = await newDraft(owner);
    const live = read.json?.live?.release ?? null;
    const published = await owner.post("/api/v1/publish", { draft_etag: draft.etag ?? "x", expect_live: live });
    const exported = await owner.get("/api/v1/account/exports");
    const billing = await owner.get("/api/v1/billing/invoices");
    const form = await world.visit(host, "/_sp/forms/contact", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"text":"hallo"}',
    });
    return [site, read, draft, published, exported, billing, form, session].map((answer) => answer.status);
  }

  for (const [status, expected] of Object.entries(TABLE)) {
    it(`${status}: ${expected.join(" ")}`, async () => {
      await setTenant(world, A, "anna", { status });
      assert.deepEqual(await probe(), expected);
    });
  }

  it("tells visitors when to come back, in the site's language, and search engines to stay away", async () => {
    await setTenant(world, A, "anna", { status: "suspended" });
    const paused = await world.visit(host, "/");
    assert.deepEqual([paused.headers["retry-after"], paused.headers["x-robots-tag"]], ["3600", "noindex"]);
    assert.match(paused.text, /zurzeit nicht erreichbar/);
    await setTenant(world, A, "anna", { status: "frozen", locale: "en" });
    const frozen = await world.visit(host, "/");
    assert.equal(frozen.headers["retry-after"], undefined);
    assert.match(frozen.text, /not available at the moment/);
    await setTenant(world, A, "anna", { status: "provisioning" });
    assert.equal((await world.visit(host, "/")).headers["retry-after"], "30");
  });

  it("answers the health probe in every status", async () => {
    for (const status of Object.keys(TABLE)) {
      await setTenant(world, A, "anna", { status });
      const health = await world.visit(host, "/_sp/health");
      assert.deepEqual([health.status, health.json.status, health.json.ok], [200, status, ["active", "past_due"].includes(status)]);
      assert.equal(health.headers["x-sp-tenant"], sha(A).slice(0, 8));
    }
  });

  it("never opens without a document", async () => {
    await world.setHost("nodoc.localhost", { t: tid("n"), kind: "sub" });
    assert.equal((await world.visit("nodoc.localhost", "/")).status, 503);
    assert.equal((await world.visit("nodoc.localhost", "/_sp/health")).json.ok, false);
    await (await world.kv("ROUTING")).delete(`t:${A}`);
    assert.equal((await owner.get("/api/v1/site")).status, 503);
    assert.equal((await world.visit(host, "/")).status, 503);
    await setTenant(world, A, "anna");
  });

  it("knows what readers and editors may not do", async () => {
    const statuses = async (person: Person) => {
      const draft = await newDraft(person);
      const invoices = await person.get("/api/v1/billing/invoices");
      const members = await person.post("/api/v1/account/members", { email: "x@example.com" });
      const hosts = await person.post("/api/v1/account/hosts", { host: "www.x.example" });
      return [(await person.get("/api/v1/site")).status, draft.status, hosts.status, invoices.status, members.status];
    };
    assert.deepEqual(await statuses(reader), [200, 403, 403, 403, 403]);
    assert.deepEqual(await statuses(editor), [200, 200, 200, 403, 403]);
    assert.deepEqual(await statuses(owner), [200, 200, 200, 200, 200]);
  });

  it("lets only owners in while frozen", async () => {
    await setTenant(world, A, "anna", { status: "frozen" });
    assert.equal((await editor.get("/api/v1/session")).status, 423);
    assert.equal((await owner.get("/api/v1/session")).json.tenant.status, "frozen");
    await setTenant(world, A, "anna");
  });

  it("asks for a fresh sign-in before money and removals", async () => {
    const old = Math.floor(Date.now() / 1000) - 1860;
    const stale = await Person.signedIn(world, { sub: "u9", auth_time: old, tenants: [{ id: A, slug: "anna", role: "owner" }] });
    world.outside.answer("control", () => ({ body: {} }));
    for (const [method, path] of [
      ["POST", "/api/v1/billing/portal"],
      ["DELETE", "/api/v1/account/hosts/www.anna.example"],
      ["POST", "/api/v1/account/exports"],
      ["POST", "/api/v1/account/members"],
    ]) {
      const answer = await stale.send(method!, path!, method === "POST" ? {} : undefined);
      assert.deepEqual([answer.status, answer.json.error.code], [403, "step_up_required"], path);
    }
    assert.equal((await stale.get("/api/v1/billing/invoices")).status, 200);
  });
});
