/** Sign-in with the control plane: authorization code, PKCE, and our own key instead of a shared secret. */
import { b64url, importSigningKey, randomId, sameText, sha256, signJwt } from "../shared/crypto.ts";
import { permit, readTenant, type TenantDoc } from "../shared/entitlements.ts";
import { Problem } from "../shared/errors.ts";
import { clientKey, cookies, isRecord, limitRate } from "../shared/http.ts";
import { TENANT } from "../shared/keys.ts";
import { ownPath } from "../shared/paths.ts";
import { portalOrigin, type CoreEnv } from "./env.ts";
import { pack, seal, unpack, unseal } from "./seal.ts";
import { endSession, findSession, startSession, type Membership, type Person } from "./session.ts";

const CLIENT = "edge-core";
const COOKIE = "__Host-sp_login";
const LOGIN_S = 600;
type Login = { state: string; verifier: string; back: string; until: number };

const callbackUrl = (env: CoreEnv, url: URL): string => `${portalOrigin(env, url)}/auth/callback`;
const nobody = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

export async function beginLogin(env: CoreEnv, request: Request, url: URL): Promise<Response> {
  await limitRate(env.RL_LOGIN, clientKey(request));
  const back = ownPath(url.searchParams.get("return"));
  const login: Login = { state: randomId(), verifier: randomId(), back, until: Date.now() + LOGIN_S * 1000 };
  const target = new URL(`${env.CONTROL_URL}/oauth/authorize`);
  target.search = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: callbackUrl(env, url),
    state: login.state,
    code_challenge: b64url(await sha256(login.verifier)),
    code_challenge_method: "S256",
    ...(url.searchParams.get("step_up") === "1" ? { prompt: "login" } : {}),
  }).toString();
  const cookie = await seal(env, "login", pack(login));
  return see(302, target.toString(), [`${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${LOGIN_S}`]);
}

export async function finishLogin(env: CoreEnv, ctx: ExecutionContext, request: Request, url: URL): Promise<Response> {
  await limitRate(env.RL_LOGIN, clientKey(request));
  const login = await pendingLogin(env, request, url);
  if (url.searchParams.get("error")) return see(303, "/?problem=sign_in_refused", [nobody]);
  if (url.searchParams.get("iss") !== env.CONTROL_URL) throw new Problem(400, "bad_issuer");
  const person = await exchange(env, url.searchParams.get("code") ?? "", login.verifier, callbackUrl(env, url));
  const tenants = await knownTenants(env, person.tenants);
  const open = person.tenants.find((membership) => mayEnter(tenants.get(membership.id), membership));
  if (!open) return see(303, "/?problem=no_site", [nobody]);
  const before = await findSession(env, ctx, request);
  const epochs = Object.fromEntries([...tenants].map(([tid, tenant]) => [tid, tenant.epoch]));
  const started = await startSession(env, person, open.id, epochs);
  if (before) await endSession(env, before.handle);
  return see(303, login.back, [started, nobody]);
}

/** State, and with it the verifier, must come from the browser that began this sign-in. */
async function pendingLogin(env: CoreEnv, request: Request, url: URL): Promise<Login> {
  for (const cookie of cookies(request, COOKIE)) {
    const packed = await unseal(env, "login", cookie);
    const login = packed ? unpack<Login>(packed) : null;
    if (login && login.until > Date.now() && (await sameText(login.state, url.searchParams.get("state") ?? ""))) return login;
  }
  throw new Problem(400, "bad_state");
}

async function exchange(env: CoreEnv, code: string, verifier: string, redirectUri: string): Promise<Person> {
  if (!/^[\w.~-]{16,512}$/.test(code)) throw new Problem(400, "bad_code");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    client_id: CLIENT,
    code_verifier: verifier,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await clientAssertion(env),
  });
  const response = await askIdentity(`${env.CONTROL_URL}/oauth/token`, body);
  if (response.status === 400 || response.status === 401) throw new Problem(400, "sign_in_refused");
  if (!response.ok) throw new Problem(502, "idp_unavailable");
  return personFrom(await response.json().catch(() => null));
}

async function askIdentity(url: string, body: URLSearchParams): Promise<Response> {
  try {
    return await fetch(url, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(8000) });
  } catch {
    throw new Problem(502, "idp_unavailable");
  }
}

async function clientAssertion(env: CoreEnv): Promise<string> {
  const at = Math.floor(Date.now() / 1000);
  const claims = { iss: CLIENT, sub: CLIENT, aud: env.CONTROL_URL, jti: randomId(16), iat: at, exp: at + 60 };
  return signJwt(await importSigningKey(env.ASSERTION_KEY), claims);
}

function personFrom(value: unknown): Person {
  if (!isRecord(value) || !Array.isArray(value.tenants)) throw new Problem(502, "idp_unavailable");
  const { sub, email, name, locale, auth_time: at, tenants } = value;
  if (typeof sub !== "string" || !/^[\w-]{1,64}$/.test(sub) || !Number.isSafeInteger(at)) throw new Problem(502, "idp_unavailable");
  const people = { uid: sub, email: String(email ?? ""), name: String(name ?? ""), auth_time: at as number };
  return { ...people, locale: locale === "en" ? "en" : "de", tenants: tenants.filter(isMembership).slice(0, 50).map(plain) };
}

function isMembership(value: unknown): value is Membership {
  if (!isRecord(value)) return false;
  return TENANT.test(String(value.id)) && typeof value.slug === "string" && ["owner", "editor", "reader"].includes(String(value.role));
}

function plain({ id, slug, role }: Membership): Membership {
  return { id, slug, role };
}

async function knownTenants(env: CoreEnv, tenants: Membership[]): Promise<Map<string, TenantDoc>> {
  const pairs = await Promise.all(tenants.map(async ({ id }) => [id, await readTenant(env.ROUTING, id)] as const));
  return new Map(pairs.filter((pair): pair is [string, TenantDoc] => pair[1] !== null));
}

function mayEnter(tenant: TenantDoc | undefined, membership: Membership): boolean {
  if (!tenant) return false;
  try {
    permit(tenant, "login", membership.role);
    return true;
  } catch {
    return false;
  }
}

function see(status: 302 | 303, location: string, set: string[]): Response {
  const headers = new Headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  for (const cookie of set) headers.append("set-cookie", cookie);
  return new Response(null, { status, headers });
}
