import { strict as assert } from "node:assert";
import { after, before, beforeEach, describe, it } from "node:test";
import { ORIGIN, Person } from "./person.ts";
import { addTenant, setTenant, tid } from "./tenants.ts";
import { World, logs } from "./world.ts";

const A = tid("a");
const invoice = (own: object) => ({
  object: "invoice",
  number: "SP-1",
  status: "paid",
  total: 2900,
  currency: "eur",
  created: 1790000000,
  customer: "cus_test1",
  hosted_invoice_url: null,
  invoice_pdf: null,
  ...own,
});

describe("bills of a customer", () => {
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
  });

  it("are listed for the customer of the tenant, with links to known hosts only", async () => {
    const own = `${world.outside.url("stripe")}/i/1`;
    world.outside.answer("stripe", () => ({
      body: {
        data: [
          invoice({ hosted_invoice_url: own, invoice_pdf: "https://evil.example/x.pdf" }),
          invoice({ number: null, hosted_invoice_url: "javascript:alert(1)" }),
        ],
      },
    }));
    const { invoices } = (await owner.get("/api/v1/billing/invoices")).json;
    assert.deepEqual(invoices[0], {
      number: "SP-1",
      status: "paid",
      total: 2900,
      currency: "eur",
      created: 1790000000,
      hosted_url: own,
      pdf_url: null,
    });
    assert.equal(invoices[1].hosted_url, null);
    const [asked] = world.outside.of("stripe");
    assert.equal(asked!.path, "/v1/invoices?customer=cus_test1&limit=12");
    assert.deepEqual([asked!.headers.authorization, asked!.headers["stripe-version"]], ["Bearer rk_test_edge", "2026-06-24"]);
  });

  it("are managed in the vendor's portal, which leads back here and nowhere else", async () => {
    const portal = `${world.outside.url("stripe")}/session/1`;
    world.outside.answer("stripe", () => ({ body: { url: portal } }));
    const backTo = async (path: unknown) => {
      world.outside.received = [];
      const answer = await owner.post("/api/v1/billing/portal", { return_path: path, customer: "cus_other" });
      assert.equal(answer.json.url, portal);
      const sent = new URLSearchParams(world.outside.of("stripe")[0]!.body);
      assert.equal(sent.get("customer"), "cus_test1");
      return sent.get("return_url");
    };
    assert.equal(await backTo("/invoices"), `${ORIGIN}/invoices`);
    for (const evil of ["//evil.example", "https://evil.example", "/\\evil.example", 7, null])
      assert.equal(await backTo(evil), `${ORIGIN}/`);
    world.outside.answer("stripe", () => ({ body: { url: "https://evil.example/session" } }));
    assert.equal((await owner.post("/api/v1/billing/portal", {})).status, 502);
  });

  it("are asked for once more after a failure, with the same key", async () => {
    let tries = 0;
    world.outside.answer("stripe", () => ((tries += 1) === 1 ? { drop: true } : { body: { url: `${world.outside.url("stripe")}/s` } }));
    assert.equal((await owner.post("/api/v1/billing/portal", {})).status, 200);
    const keys = world.outside.of("stripe").map((one) => one.headers["idempotency-key"]);
    assert.deepEqual([keys.length, keys[0]], [2, keys[1]]);
  });

  it("show an honest error when the vendor does not answer, without its words", async () => {
    for (const reply of [
      { status: 500, body: { error: { message: "sk_live_secret" } } },
      { status: 401, body: {} },
      { body: "<html>" },
      { body: { data: "no" } },
    ]) {
      world.outside.received = [];
      world.outside.answer("stripe", () => reply);
      const answer = await owner.get("/api/v1/billing/invoices");
      assert.deepEqual([answer.status, answer.json.error.code], [502, "billing_unavailable"]);
      assert.ok(!answer.text.includes("secret"));
      assert.ok(world.outside.of("stripe").length <= 2);
    }
    assert.ok(!logs.join("").includes("rk_test_edge"));
  });

  it("do not exist before there is a customer", async () => {
    await setTenant(world, A, "anna", { stripe_customer: null });
    assert.deepEqual((await owner.get("/api/v1/billing/invoices")).json.error.code, "no_customer");
    assert.equal((await owner.post("/api/v1/billing/portal", {})).status, 409);
    assert.equal(world.outside.of("stripe").length, 0);
  });
});
