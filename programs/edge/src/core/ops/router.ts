import { Problem } from "../../shared/errors.ts";
import { empty, json, parseObject } from "../../shared/http.ts";
import type { CoreEnv } from "../env.ts";
import { revokeUser } from "../session.ts";
import { requireControlPlane, requireSignedHash, signedBody } from "./auth.ts";
import type { OpsHandler } from "./call.ts";
import { configureMail, removeMail, retryMail } from "./mail.ts";
import {
  checkBlobs,
  collectGarbage,
  getObject,
  listObjects,
  listReleases,
  publish,
  purge,
  putBlob,
  putBlobs,
  restore,
  rollback,
  showUsage,
} from "./sites.ts";
import { deleteTenant, getTenant, putTenant, revokeSessions } from "./tenants.ts";

type OpsRoute = { method: string; path: RegExp; handler: OpsHandler };
const route = (method: string, path: string, handler: OpsHandler): OpsRoute => ({ method, path: new RegExp(`^${path}$`), handler });

export const OPS_ROUTES: OpsRoute[] = [
  route("PUT", "", putTenant),
  route("GET", "", getTenant),
  route("DELETE", "", deleteTenant),
  route("PUT", "/mail", configureMail),
  route("DELETE", "/mail", removeMail),
  route("POST", "/mail-retry", retryMail),
  route("GET", "/usage", showUsage),
  route("POST", "/blobs/check", checkBlobs),
  route("POST", "/blobs", putBlobs),
  route("POST", "/publish", publish),
  route("POST", "/restore", restore),
  route("POST", "/rollback", rollback),
  route("GET", "/releases", listReleases),
  route("GET", "/objects", listObjects),
  route("GET", "/objects/([\\w./-]{1,120})", getObject),
  route("POST", "/gc", collectGarbage),
  route("POST", "/purge", purge),
  route("POST", "/sessions/revoke", revokeSessions),
];
const TENANT_PATH = /^\/ops\/v1\/tenants\/([0-9a-z]{26})(\/.*)?$/;
const BLOB_PATH = /^\/blobs\/([0-9a-f]{64})$/;
const USER_PATH = /^\/ops\/v1\/users\/([\w-]{1,64})\/revoke$/;

export async function ops(env: CoreEnv, request: Request, url: URL): Promise<Response> {
  const [, tid, rest = ""] = TENANT_PATH.exec(url.pathname) ?? [];
  if (tid) return tenantOps(env, request, url, tid, rest);
  const claims = await requireControlPlane(env, request, url, "*");
  const [, uid] = USER_PATH.exec(url.pathname) ?? [];
  if (uid && request.method === "POST") return revoke(env, uid, parseObject(await signedBody(request, claims)));
  if (url.pathname === "/readyz" && request.method === "GET") return ready(env);
  throw new Problem(404, "not_found");
}

async function tenantOps(env: CoreEnv, request: Request, url: URL, tid: string, rest: string): Promise<Response> {
  const claims = await requireControlPlane(env, request, url, tid);
  const [, sha] = BLOB_PATH.exec(rest) ?? [];
  if (sha && request.method === "PUT") {
    requireSignedHash(claims, sha);
    return putBlob({ env, request, url, tid, params: [sha], body: {} });
  }
  const found = OPS_ROUTES.find((candidate) => candidate.method === request.method && candidate.path.test(rest));
  const bytes = await signedBody(request, claims);
  if (!found) throw new Problem(404, "not_found");
  const body = bytes.length ? parseObject(bytes) : {};
  return found.handler({ env, request, url, tid, body, params: (found.path.exec(rest) ?? []).slice(1) });
}

async function revoke(env: CoreEnv, uid: string, body: Record<string, unknown>): Promise<Response> {
  if (!Number.isSafeInteger(body.not_before)) throw new Problem(400, "bad_document", { field: "not_before" });
  await revokeUser(env, uid, body.not_before as number);
  return empty();
}

async function ready(env: CoreEnv): Promise<Response> {
  const state = (check: Promise<unknown>): Promise<string> =>
    check.then(
      (answer) => ((answer as { ok?: boolean } | null)?.ok === false ? "error" : "ok"),
      () => "error",
    );
  const [kv, customer, billing, mailer] = await Promise.all([
    state(env.ROUTING.get("ready")),
    state(Promise.resolve(env.CUSTOMER_OPS.ready())),
    state(Promise.resolve(env.BILLING.ready())),
    state(Promise.resolve(env.MAILER_OPS.ready())),
  ]);
  const all = { kv, r2: customer, customer, billing, mailer };
  return json(all, Object.values(all).includes("error") ? 503 : 200);
}
