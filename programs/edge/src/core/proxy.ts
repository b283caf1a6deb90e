/** The few things of the control plane that the studio may reach, as the person who is signed in, and nothing else. */
import { b64url, importSigningKey, randomId, sha256, signJwt } from "../shared/crypto.ts";
import { Problem } from "../shared/errors.ts";
import { readBody, requestId } from "../shared/http.ts";
import { pass, type Call, type Gate } from "./call.ts";

const PREFIX = "/api/v1/account";
const HOST = "[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})+";
const read: Gate = { action: "read", least: "reader" };
const write: Gate = { action: "publish", least: "editor" };
const owner: Gate = { action: "publish", least: "owner", fresh: true };
const exported: Gate = { action: "export", least: "owner", fresh: true };

type Allowed = Gate & { method: string; path: RegExp };
const allow = (method: string, path: string, gate: Gate): Allowed => ({ method, path: new RegExp(`^${path}$`), ...gate });

const ALLOWED: Allowed[] = [
  allow("GET", "/profile", { action: "login", least: "reader" }),
  allow("PATCH", "/profile", { action: "login", least: "reader" }),
  allow("GET", "/members", read),
  allow("POST", "/members", owner),
  allow("DELETE", "/members/[\\w-]{1,64}", owner),
  allow("GET", "/hosts", read),
  allow("POST", "/hosts", write),
  allow("POST", `/hosts/${HOST}/recheck`, write),
  allow("POST", `/hosts/${HOST}/primary`, write),
  allow("DELETE", `/hosts/${HOST}`, owner),
  allow("GET", "/mail", read),
  allow("POST", "/mail/recheck", write),
  allow("GET", "/forms/recipients", read),
  allow("PUT", "/forms/recipients", write),
  allow("GET", "/exports", { action: "export", least: "owner" }),
  allow("POST", "/exports", exported),
];
const PASSED_BACK = ["content-type", "etag", "retry-after"];

export async function proxy(call: Call): Promise<Response> {
  const path = call.url.pathname.slice(PREFIX.length);
  const route = ALLOWED.find((candidate) => candidate.method === call.request.method && candidate.path.test(path));
  if (!route) throw new Problem(404, "not_found");
  pass(call, route);
  const body = await readBody(call.request, 1 << 20);
  if (body.length) requireJson(call.request);
  return relayed(await askControlPlane(call, call.request.method, path + call.url.search, body));
}

function requireJson(request: Request): void {
  if (!(request.headers.get("content-type") ?? "").startsWith("application/json")) throw new Problem(415, "json_required");
}

/** The assertion fits this one request: method, path and body are signed, and it is good for a minute. */
export async function askControlPlane(call: Call, method: string, path: string, body: Uint8Array, patience = 10_000): Promise<Response> {
  const target = `/edge/v1${path}`;
  const headers = new Headers({
    authorization: `Bearer ${await assertion(call, method, target, body)}`,
    "x-request-id": requestId(call.request),
    accept: "application/json",
  });
  if (body.length) headers.set("content-type", "application/json");
  const key = call.request.headers.get("idempotency-key");
  if (key && /^[\w-]{1,100}$/.test(key)) headers.set("idempotency-key", key);
  try {
    return await fetch(call.env.CONTROL_URL + target, {
      method,
      headers,
      body: body.length ? body : null,
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Problem(504, "control_plane_unavailable");
  }
}

async function assertion({ env, session, handle }: Call, method: string, path: string, body: Uint8Array): Promise<string> {
  const at = Math.floor(Date.now() / 1000);
  return signJwt(await importSigningKey(env.ASSERTION_KEY), {
    iss: "edge-core",
    aud: "cp",
    env: env.ENVIRONMENT,
    sub: session.uid,
    tid: session.tid,
    role: session.role,
    auth_time: session.auth_time,
    sid_hash: handle,
    m: method,
    p: path,
    bh: b64url(await sha256(body)),
    jti: randomId(16),
    iat: at,
    exp: at + 60,
  });
}

function relayed(answer: Response): Response {
  const headers = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  for (const name of PASSED_BACK) {
    const value = answer.headers.get(name);
    if (value) headers.set(name, value);
  }
  if (answer.body && !/^application\/(problem\+)?json/.test(headers.get("content-type") ?? "")) throw new Problem(502, "bad_answer");
  const location = answer.headers.get("location");
  if (location && /^\/(?!\/)/.test(location)) headers.set("location", location);
  return new Response(answer.body, { status: answer.status, headers });
}
