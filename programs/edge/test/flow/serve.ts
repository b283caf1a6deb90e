/** A world for a browser: each sign-in is somebody new with an empty site. Says where it is; ends with its standard input. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { codeFor, identityAnswers } from "./person.ts";
import { addTenant, tid } from "./tenants.ts";
import { PORTAL, World, ZONE } from "./world.ts";
import type { Received, Reply } from "./outside.ts";

const people = [..."abcdefgh"].map((letter) => ({ id: tid(letter), slug: `site-${letter}` }));
const [core, domain] = await Promise.all([freePort(), freePort()]);
const portal = `http://${PORTAL}:${core}`;
const world = await World.start({ portal_origins: JSON.stringify([portal]), public_port: String(domain) }, { core, domain });
for (const { id, slug } of people) await addTenant(world, id, slug);
world.outside.answer("control", controlPlane);
world.outside.answer("stripe", stripe);
world.outside.answer("resend", () => ({ body: { id: "mail-1" } }));
console.log(JSON.stringify({ portal }));
process.stdin.resume();
process.stdin.on("end", () => void world.stop().then(() => process.exit(0)));

function controlPlane(received: Received): Reply {
  const url = new URL(received.path, world.outside.url("control"));
  if (url.pathname === "/oauth/authorize") return authorize(url.searchParams);
  if (url.pathname === "/edge/v1/forms/recipients") return { body: { to: ["post@anna.example"] } };
  if (url.pathname === "/edge/v1/hosts" && received.method === "GET") return { body: { hosts: hosts() } };
  if (url.pathname === "/edge/v1/exports" && received.method === "GET") return { body: { exports: [] } };
  return url.pathname.startsWith("/edge/") ? { body: {} } : identityAnswers(received);
}

function authorize(query: URLSearchParams): Reply {
  const { id, slug } = people.shift()!;
  const code = codeFor({ sub: `owner-of-${slug}`, tenants: [{ id, slug, role: "owner" }] });
  const back = new URLSearchParams({ code, state: query.get("state")!, iss: world.outside.url("control") });
  return { status: 302, headers: { location: `${query.get("redirect_uri")}?${back}` } };
}

function hosts(): object[] {
  const records = [
    { type: "CNAME", name: "www.anna.example", value: "customers.sites.example" },
    { type: "TXT", name: "_sp-verify.www.anna.example", value: "sp-3f9c41d2a7b84e" },
  ];
  return [
    { host: `site-a.${ZONE}`, state: "live", reason: null, records: [] },
    { host: "www.anna.example", state: "awaiting_dns", reason: "missing", records },
  ];
}

function stripe(received: Received): Reply {
  if (received.method === "POST") return { body: { url: `${world.outside.url("stripe")}/portal` } };
  const invoice = {
    number: "SP-0001",
    status: "paid",
    total: 2900,
    currency: "eur",
    created: 1763683200,
    hosted_invoice_url: null,
    invoice_pdf: null,
  };
  return { body: { data: [invoice, { ...invoice, number: "SP-0002", status: "open" }] } };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
