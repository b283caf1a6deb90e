/** Somebody with a browser: signs in through the (played) control plane, keeps cookies, sends what a page of ours would send. */
import { strict as assert } from "node:assert";
import type { Answer, Asked } from "./http.ts";
import type { Received, Reply } from "./outside.ts";
import { PORTAL, type World } from "./world.ts";

export type Membership = { id: string; slug: string; role: string };
export type Identity = { sub: string; tenants: Membership[]; auth_time?: number; email?: string };
export const ORIGIN = `http://${PORTAL}`;

const identities = new Map<string, Identity>();
let codes = 0;
let people = 0;

export function identityAnswers(received: Received): Reply {
  if (received.path !== "/oauth/token") return { status: 404 };
  const code = new URLSearchParams(received.body).get("code") ?? "";
  const identity = identities.get(code);
  identities.delete(code);
  if (!identity) return { status: 400, body: { error: "invalid_grant" } };
  const auth_time = identity.auth_time ?? Math.floor(Date.now() / 1000);
  return { body: { email: "anna@example.com", name: "Anna", locale: "de", ...identity, auth_time } };
}

export function codeFor(identity: Identity): string {
  const code = `code-${(codes += 1)}-`.padEnd(24, "x");
  identities.set(code, identity);
  return code;
}

export function cookieOf(answer: Answer, name: string): string | null {
  const set = (answer.headers["set-cookie"] ?? []).find((cookie) => cookie.startsWith(`${name}=`));
  return set ? set.split(";")[0]! : null;
}

export class Person {
  world: World;
  cookie = "";
  csrf = "";
  ip: string;

  /** Everybody has an address of their own, or they would slow each other down. */
  constructor(world: World, ip = `10.0.${(people += 1) >> 8}.${people & 255}`) {
    this.world = world;
    this.ip = ip;
  }

  static async signedIn(world: World, identity: Identity): Promise<Person> {
    world.outside.answer("control", identityAnswers);
    const person = new Person(world);
    const answer = await person.signIn(identity);
    assert.equal(answer.status, 303, answer.text);
    await person.refresh();
    return person;
  }

  async signIn(identity: Identity, back = "/"): Promise<Answer> {
    const login = await this.get(`/auth/login?return=${encodeURIComponent(back)}`);
    const pending = cookieOf(login, "__Host-sp_login");
    const state = new URL(login.headers.location!).searchParams.get("state");
    const path = `/auth/callback?code=${codeFor(identity)}&state=${state}&iss=${encodeURIComponent(this.world.outside.url("control"))}`;
    const answer = await this.get(path, { headers: { cookie: [pending, this.cookie].filter(Boolean).join("; ") } });
    this.cookie = cookieOf(answer, "__Host-sp_session") ?? this.cookie;
    return answer;
  }

  async refresh(): Promise<any> {
    const { json } = await this.get("/api/v1/session");
    this.csrf = json.csrf ?? "";
    return json;
  }

  get(path: string, asked: Asked = {}): Promise<Answer> {
    return this.world.portal(path, { ...asked, headers: { cookie: this.cookie, "cf-connecting-ip": this.ip, ...asked.headers } });
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = Buffer.isBuffer(body);
    const bytes = body === undefined ? undefined : raw ? body : JSON.stringify(body);
    const type: Record<string, string> = body === undefined || raw ? {} : { "content-type": "application/json" };
    return this.get(path, { method, body: bytes, headers: { origin: ORIGIN, "x-csrf-token": this.csrf, ...type, ...headers } });
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send("POST", path, body, headers);
  }
}

/** How often something is let through before it is too often. A minute may end in between, so up to twice the limit. */
export async function untilSlowedDown(limit: number, attempt: () => Promise<Answer>): Promise<number> {
  for (let passed = 0; passed <= 2 * limit; passed += 1) {
    const { status, headers } = await attempt();
    if (status === 429) return (assert.ok(Number(headers["retry-after"]) > 0), passed);
  }
  return Infinity;
}
