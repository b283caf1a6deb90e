// src/shared/errors.ts
var Problem = class extends Error {
  status;
  code;
  details;
  headers;
  constructor(status, code, details = {}, headers2 = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers2;
  }
};
function unwrap(result) {
  if (result.ok === false) {
    const failed = result;
    throw new Problem(failed.status, failed.code, failed.details);
  }
  return result;
}
function describe(error) {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : "unknown";
}

// src/shared/http.ts
function json(body, status = 200, headers2 = {}) {
  const all = new Headers(headers2);
  all.set("content-type", "application/json");
  all.set("cache-control", "no-store");
  all.set("x-content-type-options", "nosniff");
  return new Response(JSON.stringify(body), { status, headers: all });
}
function empty(status = 204, headers2 = {}) {
  const all = new Headers(headers2);
  all.set("cache-control", "no-store");
  return new Response(null, { status, headers: all });
}
function problemResponse(error, request) {
  const problem = error instanceof Problem ? error : new Problem(500, "internal_error");
  if (!(error instanceof Problem)) {
    console.error(JSON.stringify({ level: "error", event: "unhandled", error: describe(error), request_id: requestId(request) }));
  }
  const { status, code, details, headers: headers2 } = problem;
  return json({ error: { code, message: messageOf(code), details, request_id: requestId(request) } }, status, headers2);
}
function messageOf(code) {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1) + ".";
}
function requestId(request) {
  return request.headers.get("cf-ray") ?? "local";
}
async function readJson(request, limit = 1 << 20) {
  if ((request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() !== "application/json") {
    throw new Problem(415, "json_required");
  }
  return parseObject(await readBody(request, limit));
}
function parseObject(bytes) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Problem(400, "bad_json");
  }
  if (!isRecord(value)) throw new Problem(400, "bad_json");
  return value;
}
async function readBody(request, limit) {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw new Problem(413, "too_large", { max: limit });
  const chunks = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw new Problem(413, "too_large", { max: limit });
    chunks.push(chunk);
  }
  return join(chunks, size);
}
function join(chunks, size) {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function clientKey(request) {
  const ip = request.headers.get("cf-connecting-ip") ?? "unknown";
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = ip.toLowerCase().split("::");
  const groups = head.split(":").filter(Boolean);
  if (tail !== void 0) while (groups.length < 4) groups.push("0");
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
async function limitRate(limiter, key, retryAfter = 60) {
  const { success } = await limiter.limit({ key });
  if (!success) throw new Problem(429, "rate_limited", {}, { "retry-after": String(retryAfter) });
}
function cookies(request, name) {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(name + "=")).map((pair) => pair.slice(name.length + 1));
}

// src/shared/keys.ts
var TENANT = /^[0-9a-z]{26}$/;

// src/shared/entitlements.ts
var STATUSES = ["provisioning", "active", "past_due", "suspended", "frozen", "offboarding", "gone"];
var unpaid = { status: 402, code: "subscription_required" };
var frozen = { status: 423, code: "tenant_frozen" };
var unready = { status: 409, code: "not_ready_yet" };
var gone = { status: 403, code: "tenant_gone" };
var everything = (refusal) => ({ read: refusal, draft: refusal, publish: refusal, export: refusal, billing: refusal });
var REFUSED = {
  provisioning: { publish: unready },
  active: {},
  past_due: {},
  suspended: { draft: unpaid, publish: unpaid },
  frozen: { ...everything(frozen), billing: void 0 },
  offboarding: { read: unpaid, draft: unpaid, publish: unpaid },
  gone: { ...everything(gone), login: gone }
};
function permit(tenant, action, role) {
  const refusal = REFUSED[tenant.status][action];
  if (refusal) throw new Problem(refusal.status, refusal.code);
  if (tenant.status === "frozen" && role !== "owner") throw new Problem(frozen.status, frozen.code);
}
var RANK = { reader: 0, editor: 1, owner: 2 };
function requireRole(role, least) {
  if (!(RANK[role] >= RANK[least])) throw new Problem(403, "role_not_allowed", { least });
}
function requireFeature(tenant, feature) {
  if (!tenant.features[feature]) throw new Problem(402, "feature_not_in_plan", { feature });
}
var LIMITS = ["file_bytes", "site_bytes", "files", "releases", "form_per_day"];
function tenantDoc(value) {
  const known2 = ["v", "rev", "status", "epoch", "slug", "primary", "hosts", "features", "limits", "banner", "stripe_customer", "locale"];
  const extra = Object.keys(value).find((key) => !known2.includes(key));
  if (extra) throw new Problem(400, "bad_document", { field: extra });
  const rules = [
    ["v", value.v === 1],
    ["rev", Number.isSafeInteger(value.rev) && value.rev > 0],
    ["status", STATUSES.includes(value.status)],
    ["epoch", Number.isSafeInteger(value.epoch) && value.epoch >= 0],
    ["slug", typeof value.slug === "string" && /^[a-z0-9-]{1,63}$/.test(value.slug)],
    ["primary", isHost(value.primary)],
    ["hosts", Array.isArray(value.hosts) && value.hosts.length <= 50 && value.hosts.every(isHost)],
    ["features", isRecord(value.features) && Object.values(value.features).every((on) => typeof on === "boolean")],
    ["limits", isRecord(value.limits) && LIMITS.every((name) => isCount(value.limits[name]))],
    ["banner", value.banner === null || typeof value.banner === "string" && value.banner.length <= 200],
    ["stripe_customer", value.stripe_customer === null || typeof value.stripe_customer === "string" && /^cus_\w{1,60}$/.test(value.stripe_customer)],
    ["locale", value.locale === "de" || value.locale === "en"]
  ];
  const broken = rules.find(([, holds2]) => !holds2);
  if (broken) throw new Problem(400, "bad_document", { field: broken[0] });
  return value;
}
function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}
function isHost(value) {
  return typeof value === "string" && /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(value);
}
async function readTenant(routing, tid) {
  if (!TENANT.test(tid)) return null;
  return routing.get(`t:${tid}`, { type: "json", cacheTtl: 60 });
}

// src/shared/crypto.ts
var text = new TextEncoder();
function b64url(bytes) {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
function unb64(value) {
  const plain2 = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(plain2) || plain2.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain2), (char) => char.charCodeAt(0));
}
function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
function unhex(value) {
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? text.encode(data) : data));
}
async function sha256hex(data) {
  return hex(await sha256(data));
}
function randomId(bytes = 32) {
  return b64url(crypto.getRandomValues(new Uint8Array(bytes)));
}
async function sameText(left, right) {
  const [a, b] = await Promise.all([sha256(left), sha256(right)]);
  return crypto.subtle.timingSafeEqual(a, b);
}
async function hmac(key, message) {
  const raw = typeof key === "string" ? text.encode(key) : key;
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, text.encode(message)));
}
async function hmacMatches(key, message, signature) {
  return sameText(b64url(await hmac(key, message)), signature);
}
async function importSigningKey(pkcs8) {
  const der = unb64(pkcs8.replace(/-----[A-Z ]+-----|\s/g, ""));
  if (!der) throw new Error("assertion key is not base64");
  const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return { kid: b64url(await sha256(JSON.stringify({ crv: "Ed25519", kty: "OKP", x }))), key };
}
async function signJwt(signer, claims) {
  const header = b64url(text.encode(JSON.stringify({ alg: "EdDSA", typ: "JWT", kid: signer.kid })));
  const signed = `${header}.${b64url(text.encode(JSON.stringify(claims)))}`;
  return `${signed}.${b64url(await crypto.subtle.sign("Ed25519", signer.key, text.encode(signed)))}`;
}
async function verifyJwt(token, keys) {
  const [head = "", body = "", signature = "", ...rest] = token.split(".");
  const header = decodePart(head);
  const jwk = keys.find((key2) => key2.kid === header?.kid);
  const proof = unb64(signature);
  if (rest.length || header?.alg !== "EdDSA" || !jwk || !proof) return null;
  const { kty, crv, x } = jwk;
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
  const genuine = await crypto.subtle.verify("Ed25519", key, proof, text.encode(`${head}.${body}`));
  return genuine ? decodePart(body) : null;
}
function decodePart(part) {
  const bytes = unb64(part);
  if (!bytes) return null;
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

// src/core/env.ts
function portalOrigins(env) {
  return JSON.parse(env.PORTAL_ORIGINS);
}
function siteUrl(env, host, path = "/") {
  return `${env.PUBLIC_SCHEME}://${host}${env.PUBLIC_PORT ? `:${env.PUBLIC_PORT}` : ""}${path}`;
}

// src/core/csrf.ts
function csrfToken(session) {
  const secret = unb64(session.csrf);
  const mask = crypto.getRandomValues(new Uint8Array(secret.length));
  return b64url(new Uint8Array([...mask, ...secret.map((byte, at) => byte ^ mask[at])]));
}
async function requireOwnPage(env, request, session) {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") throw new Problem(403, "cross_site");
  if (!portalOrigins(env).includes(request.headers.get("origin") ?? "")) throw new Problem(403, "cross_site");
  const masked = unb64(request.headers.get("x-csrf-token") ?? "") ?? new Uint8Array();
  const half = masked.length / 2;
  const token = b64url(masked.slice(0, half).map((byte, at) => byte ^ masked[half + at]));
  if (half !== 32 || !await sameText(token, session.csrf)) throw new Problem(403, "bad_csrf_token");
}

// src/core/seal.ts
function ring(env) {
  return JSON.parse(env.SESSION_KEYS);
}
async function seal(env, purpose, value) {
  const { kid, key } = ring(env)[0];
  return `${value}.${kid}.${b64url(await hmac(key, `${purpose}|${value}`))}`;
}
async function unseal(env, purpose, sealed) {
  const [value = "", kid = "", signature = "", ...rest] = sealed.split(".");
  const known2 = ring(env).find((candidate) => candidate.kid === kid);
  if (rest.length || !known2 || !/^[\w-]{1,2000}$/.test(value)) return null;
  return await hmacMatches(known2.key, `${purpose}|${value}`, signature) ? value : null;
}
function pack(value) {
  return b64url(new TextEncoder().encode(JSON.stringify(value)));
}
function unpack(packed) {
  return JSON.parse(new TextDecoder().decode(unb64(packed) ?? new Uint8Array()));
}

// src/core/session.ts
var COOKIE = "__Host-sp_session";
var ABSOLUTE_S = 12 * 3600;
var IDLE_S = 2 * 3600;
var TOUCH_S = 600;
var STEP_UP_S = 30 * 60;
var now = () => Math.floor(Date.now() / 1e3);
async function startSession(env, person, tid, epochs, created = now()) {
  const membership = person.tenants.find((tenant) => tenant.id === tid);
  if (!membership) throw new Problem(403, "not_a_member");
  const sid = randomId();
  const session = { v: 1, ...person, tid, role: membership.role, epochs, csrf: randomId(), created, seen: now() };
  await save(env, await sha256hex(sid), session);
  const cookie = await seal(env, "session", sid);
  return `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${created + ABSOLUTE_S - now()}`;
}
async function save(env, handle, session) {
  await env.SESSIONS.put(`s:${handle}`, JSON.stringify(session), { expiration: Math.max(session.created + ABSOLUTE_S, now() + 60) });
}
async function findSession(env, ctx, request) {
  for (const cookie of cookies(request, COOKIE)) {
    const sid = await unseal(env, "session", cookie);
    if (!sid) continue;
    const handle = await sha256hex(sid);
    const session = await env.SESSIONS.get(`s:${handle}`, { type: "json", cacheTtl: 30 });
    if (session && await stillGood(env, session)) return touched(env, ctx, { session, handle });
  }
  return null;
}
async function stillGood(env, session) {
  if (now() > session.created + ABSOLUTE_S || now() - session.seen > IDLE_S) return false;
  const revoked = await env.SESSIONS.get(`u:${session.uid}`, { type: "json", cacheTtl: 30 });
  return !revoked || session.created > revoked.not_before;
}
function touched(env, ctx, signed) {
  if (now() - signed.session.seen > TOUCH_S) ctx.waitUntil(save(env, signed.handle, { ...signed.session, seen: now() }));
  return signed;
}
async function requireSession(env, ctx, request) {
  const signed = await findSession(env, ctx, request);
  if (!signed) throw new Problem(401, "unauthenticated");
  return signed;
}
function requireEpoch(session, tenant) {
  if ((session.epochs[session.tid] ?? -1) < tenant.epoch) throw new Problem(401, "unauthenticated");
}
function requireFresh(session) {
  if (now() - session.auth_time > STEP_UP_S) throw new Problem(403, "step_up_required");
}
async function endSession(env, handle) {
  await env.SESSIONS.delete(`s:${handle}`);
}
async function revokeUser(env, uid, notBefore) {
  const known2 = await env.SESSIONS.get(`u:${uid}`, "json");
  const latest = Math.max(notBefore, known2?.not_before ?? 0);
  await env.SESSIONS.put(`u:${uid}`, JSON.stringify({ not_before: latest }), { expirationTtl: ABSOLUTE_S + 3600 });
}
var goneCookie = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

// src/core/call.ts
async function enter(env, ctx, request, url) {
  const { session, handle } = await requireSession(env, ctx, request);
  await limitRate(env.RL_API, handle);
  if (request.method !== "GET") await requireOwnPage(env, request, session);
  const tenant = await readTenant(env.ROUTING, session.tid);
  if (!tenant) throw new Problem(503, "not_ready_yet", {}, { "retry-after": "30" });
  requireEpoch(session, tenant);
  permit(tenant, "login", session.role);
  return { env, ctx, request, url, params: [], session, handle, tenant };
}
function pass(call, gate) {
  permit(call.tenant, gate.action, call.session.role);
  requireRole(call.session.role, gate.least);
  if (gate.fresh) requireFresh(call.session);
}

// src/core/proxy.ts
var PREFIX = "/api/v1/account";
var HOST = "[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})+";
var read = { action: "read", least: "reader" };
var write = { action: "publish", least: "editor" };
var owner = { action: "publish", least: "owner", fresh: true };
var exported = { action: "export", least: "owner", fresh: true };
var allow = (method, path, gate) => ({ method, path: new RegExp(`^${path}$`), ...gate });
var ALLOWED = [
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
  allow("POST", "/exports", exported)
];
var PASSED_BACK = ["content-type", "etag", "retry-after"];
async function proxy(call) {
  const path = call.url.pathname.slice(PREFIX.length);
  const route4 = ALLOWED.find((candidate) => candidate.method === call.request.method && candidate.path.test(path));
  if (!route4) throw new Problem(404, "not_found");
  pass(call, route4);
  if (call.request.method !== "GET" && call.request.body) requireJson(call.request);
  const body = await readBody(call.request, 1 << 20);
  return relayed(await askControlPlane(call, call.request.method, path + call.url.search, body));
}
function requireJson(request) {
  if (!(request.headers.get("content-type") ?? "").startsWith("application/json")) throw new Problem(415, "json_required");
}
async function askControlPlane(call, method, path, body) {
  const target = `/edge/v1${path}`;
  const headers2 = new Headers({
    authorization: `Bearer ${await assertion(call, method, target, body)}`,
    "x-request-id": requestId(call.request),
    accept: "application/json"
  });
  if (body.length) headers2.set("content-type", "application/json");
  const key = call.request.headers.get("idempotency-key");
  if (key && /^[\w-]{1,100}$/.test(key)) headers2.set("idempotency-key", key);
  try {
    return await fetch(call.env.CONTROL_URL + target, {
      method,
      headers: headers2,
      body: body.length ? body : null,
      redirect: "manual",
      signal: AbortSignal.timeout(1e4)
    });
  } catch {
    throw new Problem(504, "control_plane_unavailable");
  }
}
async function assertion({ env, session, handle }, method, path, body) {
  const at = Math.floor(Date.now() / 1e3);
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
    exp: at + 60
  });
}
function relayed(answer) {
  const headers2 = new Headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  for (const name of PASSED_BACK) {
    const value = answer.headers.get(name);
    if (value) headers2.set(name, value);
  }
  if (answer.body && !/^application\/(problem\+)?json/.test(headers2.get("content-type") ?? "")) throw new Problem(502, "bad_answer");
  const location = answer.headers.get("location");
  if (location && /^\/(?!\/)/.test(location)) headers2.set("location", location);
  return new Response(answer.body, { status: answer.status, headers: headers2 });
}

// src/shared/paths.ts
var UNSAFE = /[\p{Cc}\p{Cf}\\]/u;
var MAX_PATH = 512;
function ownPath(value) {
  if (!value || value.length > MAX_PATH || !/^\/(?![/\\])/.test(value) || UNSAFE.test(value)) return "/";
  const url = new URL(value, "https://own.invalid");
  return url.origin === "https://own.invalid" && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}

// src/core/routes/billing.ts
function customerOf({ tenant }) {
  if (!tenant.stripe_customer) throw new Problem(409, "no_customer");
  return tenant.stripe_customer;
}
async function openBilling(call) {
  const { return_path: path } = await readJson(call.request, 2e3);
  const back = call.url.origin + ownPath(typeof path === "string" ? path : null);
  const { url } = unwrap(await call.env.BILLING.portal(customerOf(call), back));
  return json({ url });
}
async function listInvoices(call) {
  const { invoices } = unwrap(await call.env.BILLING.invoices(customerOf(call)));
  return json({ invoices });
}

// src/core/routes/inbox.ts
async function listInbox({ env, url, session }) {
  const { submissions, cursor } = unwrap(await env.CUSTOMER.inboxList(session.tid, url.searchParams.get("cursor")));
  return json({ submissions, cursor });
}
async function deleteSubmission({ env, session, params }) {
  unwrap(await env.CUSTOMER.inboxDelete(session.tid, params[0]));
  return empty();
}
async function testMail({ env, session }) {
  const { mail_id: id } = unwrap(await env.MAILER.sendTest(session.tid));
  return json({ mail_id: id });
}

// src/core/routes/session.ts
async function showSession({ session, tenant }) {
  return json({
    user: { id: session.uid, email: session.email, name: session.name, locale: session.locale },
    role: session.role,
    tenant: { id: session.tid, slug: tenant.slug, status: tenant.status, banner: tenant.banner, primary: tenant.primary },
    tenants: session.tenants,
    features: tenant.features,
    limits: tenant.limits,
    csrf: csrfToken(session)
  });
}
async function switchTenant({ env, request, session, handle }) {
  const { tenant_id: wanted } = await readJson(request, 1e3);
  const membership = session.tenants.find((candidate) => candidate.id === wanted);
  if (!membership) throw new Problem(403, "not_a_member");
  const tenant = await readTenant(env.ROUTING, membership.id);
  if (!tenant) throw new Problem(503, "not_ready_yet", {}, { "retry-after": "30" });
  permit(tenant, "login", membership.role);
  const { uid, email, name, locale, auth_time, tenants } = session;
  const person = { uid, email, name, locale, auth_time, tenants };
  const cookie = await startSession(env, person, membership.id, session.epochs, session.created);
  await endSession(env, handle);
  return empty(204, { "set-cookie": cookie });
}
async function signOut({ env, handle }) {
  await endSession(env, handle);
  return empty(204, { "set-cookie": goneCookie, "clear-site-data": '"cookies"' });
}

// src/shared/tokens.ts
async function signPreview(key, grant) {
  const payload = b64url(new TextEncoder().encode(JSON.stringify(grant)));
  return `v1.${payload}.${b64url(await hmac(key, `preview|${payload}`))}`;
}

// src/shared/site.ts
var MAX_MANIFEST = 1 << 20;
var MAX_FILE_BYTES = 25 << 20;
function totals(manifest) {
  const entries = Object.values(manifest.files);
  return { files: entries.length, bytes: entries.reduce((sum, file) => sum + file.s, 0) };
}

// src/core/hosts.ts
var TTL_MS = 3e4;
var known = /* @__PURE__ */ new Map();
async function hostStates(call) {
  const remembered = known.get(call.session.tid);
  if (remembered && remembered.until > Date.now()) return remembered.hosts;
  const hosts = await ask(call);
  if (!hosts) return call.tenant.hosts.map((host) => ({ host, state: "unknown", reason: "not_checked", records: [] }));
  if (known.size > 1e3) known.clear();
  known.set(call.session.tid, { hosts, until: Date.now() + TTL_MS });
  return hosts;
}
async function ask(call) {
  try {
    const answer = await askControlPlane(call, "GET", "/hosts", new Uint8Array());
    const body = answer.ok ? await answer.json() : null;
    return isRecord(body) && Array.isArray(body.hosts) ? body.hosts : null;
  } catch {
    return null;
  }
}

// src/core/routes/site.ts
var PREVIEW_S = 3600;
async function showSite(call) {
  const { env, session, tenant } = call;
  const [draft, releases, usage, hosts] = await Promise.all([
    env.CUSTOMER.getDraft(session.tid).then(unwrap),
    env.CUSTOMER.releases(session.tid).then(unwrap),
    env.CUSTOMER.usage(session.tid).then(unwrap),
    hostStates(call)
  ]);
  const live = releases.live && { release: releases.live.release, n: releases.live.n, at: releases.live.at };
  const { bytes, files, inbox } = usage;
  return json({
    live,
    draft: { etag: draft.etag, ...totals(draft.manifest) },
    hosts,
    usage: { bytes, files, inbox },
    url: siteUrl(env, tenant.primary)
  });
}
async function checkBlobs({ env, request, session }) {
  const { hashes } = await readJson(request);
  const { missing } = unwrap(await env.CUSTOMER.has(session.tid, hashes));
  return json({ missing });
}
async function putBlob({ env, request, session, tenant, params }) {
  await limitRate(env.RL_UPLOAD, session.tid);
  const length = contentLength(request);
  if (length > tenant.limits.file_bytes) throw new Problem(413, "too_large", { max: tenant.limits.file_bytes });
  const { dedup, size } = unwrap(await env.CUSTOMER.putBlob(session.tid, params[0], length, bodyOf(request)));
  return json({ dedup, size }, dedup ? 200 : 201);
}
function contentLength(request) {
  const header = request.headers.get("content-length");
  if (!header || !/^\d{1,12}$/.test(header)) throw new Problem(411, "length_required");
  return Number(header);
}
function bodyOf(request) {
  return request.body ?? new Blob([]).stream();
}
async function showDraft({ env, session }) {
  const { manifest, etag } = unwrap(await env.CUSTOMER.getDraft(session.tid));
  return json(manifest, 200, { etag: `"${etag}"` });
}
async function commitDraft({ env, request, session, tenant }) {
  const match = /^"?([\w-]{1,80})"?$/.exec(request.headers.get("if-match") ?? "")?.[1];
  if (!match) throw new Problem(428, "if_match_required");
  const change = await readJson(request);
  if (isRecord(change.settings) && change.settings.spa === true) requireFeature(tenant, "spa");
  const { etag, files, bytes } = unwrap(await env.CUSTOMER.commit(session.tid, match, change, tenant.limits));
  return json({ etag, files, bytes }, 200, { etag: `"${etag}"` });
}
async function publish({ env, request, session, tenant }) {
  const { draft_etag: etag, expect_live: expect } = await readJson(request, 2e3);
  const answer = await env.CUSTOMER.publish(session.tid, String(etag), expected(expect), tenant.limits, session.uid);
  const { release, n, at } = unwrap(answer);
  return json({ release, n, at, url: siteUrl(env, tenant.primary) }, 201);
}
function expected(value) {
  if (value !== null && typeof value !== "string") throw new Problem(400, "expect_live_required");
  return value;
}
async function listReleases({ env, session, tenant }) {
  const { releases } = unwrap(await env.CUSTOMER.releases(session.tid));
  return json({ releases: releases.slice(0, Math.max(1, tenant.limits.releases)) });
}
async function showRelease({ env, session, params }) {
  return json(unwrap(await env.CUSTOMER.manifest(session.tid, params[0])).manifest);
}
async function rollback({ env, request, session, tenant }) {
  const { release, expect_live: expect } = await readJson(request, 2e3);
  const answer = await env.CUSTOMER.rollback(session.tid, String(release), expected(expect), session.uid);
  const { n, at } = unwrap(answer);
  return json({ release, n, at, url: siteUrl(env, tenant.primary) }, 201);
}
async function preview({ env, session, tenant }) {
  requireFeature(tenant, "preview");
  const host = `${tenant.slug}--preview.${env.SITES_ZONE}`;
  const exp = Math.floor(Date.now() / 1e3) + PREVIEW_S;
  const token = await signPreview(env.PREVIEW_KEY, { t: session.tid, h: host, exp });
  return json({ url: siteUrl(env, host, `/_sp/preview?token=${token}`), expires_at: new Date(exp * 1e3).toISOString() });
}

// src/core/api.ts
var anyone = { action: "login", least: "reader" };
var reader = { action: "read", least: "reader" };
var cleaner = { action: "read", least: "editor" };
var writer = { action: "draft", least: "editor" };
var publisher = { action: "publish", least: "editor" };
var payer = { action: "billing", least: "owner" };
var route = (method, path, gate, handler) => ({ method, path: new RegExp(`^${path}$`), handler, ...gate });
var ROUTES = [
  route("POST", "/auth/logout", anyone, signOut),
  route("GET", "/api/v1/session", anyone, showSession),
  route("POST", "/api/v1/session/tenant", anyone, switchTenant),
  route("GET", "/api/v1/site", reader, showSite),
  route("POST", "/api/v1/blobs/check", writer, checkBlobs),
  route("PUT", "/api/v1/blobs/([0-9a-f]{64})", writer, putBlob),
  route("GET", "/api/v1/draft", reader, showDraft),
  route("POST", "/api/v1/draft/commit", writer, commitDraft),
  route("POST", "/api/v1/publish", publisher, publish),
  route("GET", "/api/v1/releases", reader, listReleases),
  route("GET", "/api/v1/releases/(r[0-9]{1,9}-[0-9a-f]{12})", reader, showRelease),
  route("POST", "/api/v1/rollback", publisher, rollback),
  route("POST", "/api/v1/preview", reader, preview),
  route("POST", "/api/v1/billing/portal", { ...payer, fresh: true }, openBilling),
  route("GET", "/api/v1/billing/invoices", payer, listInvoices),
  route("GET", "/api/v1/inbox", reader, listInbox),
  route("POST", "/api/v1/inbox/test", publisher, testMail),
  route("DELETE", "/api/v1/inbox/([0-9]{8}T[0-9]{6}-[0-9a-f]{12})", cleaner, deleteSubmission)
];
async function api(env, ctx, request, url) {
  const call = await enter(env, ctx, request, url);
  if (url.pathname.startsWith("/api/v1/account/")) return proxy(call);
  const candidates = ROUTES.filter((candidate) => candidate.path.test(url.pathname));
  const found = candidates.find((candidate) => candidate.method === request.method);
  if (!found) throw candidates.length ? new Problem(405, "method_not_allowed") : new Problem(404, "not_found");
  pass(call, found);
  return found.handler({ ...call, params: (found.path.exec(url.pathname) ?? []).slice(1) });
}

// src/core/oauth.ts
var CLIENT = "edge-core";
var COOKIE2 = "__Host-sp_login";
var LOGIN_S = 600;
var callbackUrl = (url) => `${url.origin}/auth/callback`;
var nobody = `${COOKIE2}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;
async function beginLogin(env, request, url) {
  await limitRate(env.RL_LOGIN, clientKey(request));
  const back = ownPath(url.searchParams.get("return"));
  const login = { state: randomId(), verifier: randomId(), back, until: Date.now() + LOGIN_S * 1e3 };
  const target = new URL(`${env.CONTROL_URL}/oauth/authorize`);
  target.search = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: callbackUrl(url),
    state: login.state,
    code_challenge: b64url(await sha256(login.verifier)),
    code_challenge_method: "S256",
    ...url.searchParams.get("step_up") === "1" ? { prompt: "login" } : {}
  }).toString();
  const cookie = await seal(env, "login", pack(login));
  return see(302, target.toString(), [`${COOKIE2}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${LOGIN_S}`]);
}
async function finishLogin(env, ctx, request, url) {
  await limitRate(env.RL_LOGIN, clientKey(request));
  const login = await pendingLogin(env, request, url);
  if (url.searchParams.get("error")) return see(303, "/?problem=sign_in_refused", [nobody]);
  if (url.searchParams.get("iss") !== env.CONTROL_URL) throw new Problem(400, "bad_issuer");
  const person = await exchange(env, url.searchParams.get("code") ?? "", login.verifier, callbackUrl(url));
  const tenants = await knownTenants(env, person.tenants);
  const open = person.tenants.find((membership) => mayEnter(tenants.get(membership.id), membership));
  if (!open) return see(303, "/?problem=no_site", [nobody]);
  const before = await findSession(env, ctx, request);
  const epochs = Object.fromEntries([...tenants].map(([tid, tenant]) => [tid, tenant.epoch]));
  const started = await startSession(env, person, open.id, epochs);
  if (before) await endSession(env, before.handle);
  return see(303, login.back, [started, nobody]);
}
async function pendingLogin(env, request, url) {
  for (const cookie of cookies(request, COOKIE2)) {
    const packed = await unseal(env, "login", cookie);
    const login = packed ? unpack(packed) : null;
    if (login && login.until > Date.now() && await sameText(login.state, url.searchParams.get("state") ?? "")) return login;
  }
  throw new Problem(400, "bad_state");
}
async function exchange(env, code, verifier, redirectUri) {
  if (!/^[\w.~-]{16,512}$/.test(code)) throw new Problem(400, "bad_code");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    client_id: CLIENT,
    code_verifier: verifier,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await clientAssertion(env)
  });
  const response = await askIdentity(`${env.CONTROL_URL}/oauth/token`, body);
  if (response.status === 400 || response.status === 401) throw new Problem(400, "sign_in_refused");
  if (!response.ok) throw new Problem(502, "idp_unavailable");
  return personFrom(await response.json().catch(() => null));
}
async function askIdentity(url, body) {
  try {
    return await fetch(url, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(8e3) });
  } catch {
    throw new Problem(502, "idp_unavailable");
  }
}
async function clientAssertion(env) {
  const at = Math.floor(Date.now() / 1e3);
  const claims = { iss: CLIENT, sub: CLIENT, aud: env.CONTROL_URL, jti: randomId(16), iat: at, exp: at + 60 };
  return signJwt(await importSigningKey(env.ASSERTION_KEY), claims);
}
function personFrom(value) {
  if (!isRecord(value) || !Array.isArray(value.tenants)) throw new Problem(502, "idp_unavailable");
  const { sub, email, name, locale, auth_time: at, tenants } = value;
  if (typeof sub !== "string" || !/^[\w-]{1,64}$/.test(sub) || !Number.isSafeInteger(at)) throw new Problem(502, "idp_unavailable");
  const people = { uid: sub, email: String(email ?? ""), name: String(name ?? ""), auth_time: at };
  return { ...people, locale: locale === "en" ? "en" : "de", tenants: tenants.filter(isMembership).slice(0, 50).map(plain) };
}
function isMembership(value) {
  if (!isRecord(value)) return false;
  return TENANT.test(String(value.id)) && typeof value.slug === "string" && ["owner", "editor", "reader"].includes(String(value.role));
}
function plain({ id, slug, role }) {
  return { id, slug, role };
}
async function knownTenants(env, tenants) {
  const pairs = await Promise.all(tenants.map(async ({ id }) => [id, await readTenant(env.ROUTING, id)]));
  return new Map(pairs.filter((pair) => pair[1] !== null));
}
function mayEnter(tenant, membership) {
  if (!tenant) return false;
  try {
    permit(tenant, "login", membership.role);
    return true;
  } catch {
    return false;
  }
}
function see(status, location, set) {
  const headers2 = new Headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  for (const cookie of set) headers2.append("set-cookie", cookie);
  return new Response(null, { status, headers: headers2 });
}

// src/core/ops/auth.ts
var LIFETIME_S = 60;
var SKEW_S = 30;
var MAX_BODY = 2 << 20;
async function requireControlPlane(env, request, url, subject) {
  const token = /^Bearer ([\w.-]{1,4000})$/.exec(request.headers.get("authorization") ?? "")?.[1];
  const claims = token ? await verifyJwt(token, jwks(env)) : null;
  if (!claims || !holds(env, claims, request, url, subject)) throw new Problem(401, "unauthorized");
  await limitRate(env.RL_OPS, String(claims.iss));
  return claims;
}
function jwks(env) {
  return JSON.parse(env.OPS_JWKS).keys;
}
function holds(env, claims, request, url, subject) {
  const { iat, exp } = claims;
  const now2 = Date.now() / 1e3;
  if (!Number.isFinite(iat) || !Number.isFinite(exp)) return false;
  const inTime = exp > now2 - SKEW_S && iat < now2 + SKEW_S && exp - iat <= LIFETIME_S;
  const meant = claims.iss === "control-plane" && claims.aud === "edge-ops" && claims.env === env.ENVIRONMENT;
  const exact = claims.m === request.method && claims.p === url.pathname + url.search && claims.sub === subject;
  return inTime && meant && exact && typeof claims.jti === "string";
}
async function signedBody(request, claims) {
  const body = await readBody(request, MAX_BODY);
  if (claims.bh !== b64url(await sha256(body))) throw new Problem(401, "unauthorized");
  return body;
}
function requireSignedHash(claims, sha) {
  if (claims.bh !== b64url(unhex(sha))) throw new Problem(401, "unauthorized");
}

// src/core/ops/mail.ts
async function configureMail({ env, tid, body }) {
  unwrap(await env.MAILER_OPS.configure(tid, body));
  return empty();
}
async function removeMail({ env, tid, body }) {
  unwrap(await env.MAILER_OPS.remove(tid, body.rev));
  return empty();
}
async function retryMail({ env, tid, body }) {
  const { done, cursor, count } = unwrap(await env.MAILER_OPS.retry(tid, typeof body.cursor === "string" ? body.cursor : null));
  return json({ done, cursor, count });
}

// src/core/ops/sites.ts
async function tenantOf({ env, tid }) {
  const tenant = await readTenant(env.ROUTING, tid);
  if (!tenant) throw new Problem(404, "no_such_tenant");
  return tenant;
}
async function checkBlobs2({ env, tid, body }) {
  const { missing } = unwrap(await env.CUSTOMER.has(tid, body.hashes));
  return json({ missing });
}
async function putBlob2({ env, request, tid, params }) {
  const answer = await env.CUSTOMER.putBlob(tid, params[0], contentLength(request), bodyOf(request));
  const { dedup, size } = unwrap(answer);
  return json({ dedup, size }, dedup ? 200 : 201);
}
async function publish2(call) {
  return publishAs(call, call.body.files, "publish");
}
async function restore(call) {
  const files = isRecord(call.body.files) ? call.body.files : {};
  const pairs = Object.entries(files).map(([path, entry]) => [path, isRecord(entry) ? entry.h : void 0]);
  return publishAs(call, Object.fromEntries(pairs), "restore");
}
async function publishAs(call, files, kind) {
  const { env, tid, body } = call;
  const tenant = await tenantOf(call);
  if (isRecord(body.settings) && body.settings.spa === true) requireFeature(tenant, "spa");
  const upload = { files, settings: body.settings, expect: expected2(body.expect_live), by: author(body.by), kind };
  const live = unwrap(await env.CUSTOMER_OPS.publishFiles(tid, upload, tenant.limits));
  const { release, n, at, unchanged } = live;
  return json({ release, n, at, unchanged, url: siteUrl(env, tenant.primary) }, unchanged ? 200 : 201);
}
function expected2(value) {
  if (value !== void 0 && value !== null && typeof value !== "string") throw new Problem(400, "bad_expect_live");
  return value;
}
function author(value) {
  return typeof value === "string" && /^[\w:.@-]{1,64}$/.test(value) ? value : "control-plane";
}
async function rollback2(call) {
  const { env, tid, body } = call;
  const tenant = await tenantOf(call);
  const expect = expected2(body.expect_live) ?? null;
  const { release, n, at } = unwrap(await env.CUSTOMER.rollback(tid, String(body.release), expect, author(body.by)));
  return json({ release, n, at, url: siteUrl(env, tenant.primary) }, 201);
}
async function listReleases2({ env, tid }) {
  const { live, releases } = unwrap(await env.CUSTOMER.releases(tid));
  return json({ live, releases });
}
async function showUsage({ env, tid }) {
  const { bytes, files, releases, inbox } = unwrap(await env.CUSTOMER.usage(tid));
  return json({ bytes, files, releases, inbox });
}
async function listObjects({ env, url, tid }) {
  const { searchParams: query } = url;
  const { objects, cursor } = unwrap(await env.CUSTOMER_OPS.list(tid, query.get("prefix") ?? "", query.get("cursor")));
  return json({ objects, cursor });
}
async function getObject({ env, tid, params }) {
  const { body, size, etag } = unwrap(await env.CUSTOMER_OPS.get(tid, params[0]));
  return new Response(body, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      etag: `"${etag}"`
    }
  });
}
async function collectGarbage(call) {
  const tenant = await tenantOf(call);
  const { done, cursor, count } = unwrap(await call.env.CUSTOMER_OPS.gc(call.tid, tenant.limits.releases, cursorOf(call)));
  return json({ done, cursor, count });
}
async function purge(call) {
  const { status } = await tenantOf(call);
  if (status !== "offboarding" && status !== "gone") throw new Problem(409, "tenant_not_leaving", { status });
  const { done, cursor, count } = unwrap(await call.env.CUSTOMER_OPS.purge(call.tid));
  return json({ done, cursor, count });
}
function cursorOf({ body }) {
  return typeof body.cursor === "string" ? body.cursor : null;
}

// src/core/ops/tenants.ts
var TOMBSTONE_S = 30 * 24 * 3600;
function stored(env, tid) {
  return env.ROUTING.get(`t:${tid}`, "json");
}
async function putTenant({ env, tid, body }) {
  const sent = tenantDoc(body);
  const before = await stored(env, tid);
  const doc = { ...sent, epoch: Math.max(sent.epoch, before?.epoch ?? 0) };
  if (before && before.rev >= doc.rev) {
    if (before.rev === doc.rev && same(before, doc)) return json({ rev: doc.rev });
    throw new Problem(409, "stale_revision", { rev: before.rev });
  }
  await env.ROUTING.put(`t:${tid}`, JSON.stringify(doc));
  return json({ rev: doc.rev });
}
function same(left, right) {
  return sorted(left) === sorted(right);
}
function sorted(value) {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`).join()}}`;
}
async function getTenant({ env, tid }) {
  const doc = await readTenant(env.ROUTING, tid);
  if (!doc) throw new Problem(404, "no_such_tenant");
  return json(doc);
}
async function deleteTenant({ env, tid, body }) {
  const rev = body.rev;
  if (!Number.isSafeInteger(rev)) throw new Problem(400, "bad_document", { field: "rev" });
  const before = await stored(env, tid);
  if (before && (before.rev > rev || before.rev === rev && before.status !== "gone")) {
    throw new Problem(409, "stale_revision", { rev: before.rev });
  }
  const tombstone = { ...blank(before?.epoch ?? 0), status: "gone", rev };
  await env.ROUTING.put(`t:${tid}`, JSON.stringify(tombstone), { expirationTtl: TOMBSTONE_S });
  return json({ rev });
}
function blank(epoch) {
  const limits = { file_bytes: 0, site_bytes: 0, files: 0, releases: 0, form_per_day: 0 };
  const names = { slug: "gone", primary: "gone.invalid", hosts: [] };
  return { v: 1, rev: 0, status: "gone", epoch, ...names, features: {}, limits, banner: null, stripe_customer: null, locale: "de" };
}
async function revokeSessions({ env, tid, body }) {
  const epoch = body.epoch;
  const doc = await stored(env, tid);
  if (!doc) throw new Problem(404, "no_such_tenant");
  if (!Number.isSafeInteger(epoch)) throw new Problem(400, "bad_document", { field: "epoch" });
  if (epoch > doc.epoch) await env.ROUTING.put(`t:${tid}`, JSON.stringify({ ...doc, epoch }));
  return empty();
}

// src/core/ops/router.ts
var route2 = (method, path, handler) => ({ method, path: new RegExp(`^${path}$`), handler });
var OPS_ROUTES = [
  route2("PUT", "", putTenant),
  route2("GET", "", getTenant),
  route2("DELETE", "", deleteTenant),
  route2("PUT", "/mail", configureMail),
  route2("DELETE", "/mail", removeMail),
  route2("POST", "/mail-retry", retryMail),
  route2("GET", "/usage", showUsage),
  route2("POST", "/blobs/check", checkBlobs2),
  route2("POST", "/publish", publish2),
  route2("POST", "/restore", restore),
  route2("POST", "/rollback", rollback2),
  route2("GET", "/releases", listReleases2),
  route2("GET", "/objects", listObjects),
  route2("GET", "/objects/([\\w./-]{1,120})", getObject),
  route2("POST", "/gc", collectGarbage),
  route2("POST", "/purge", purge),
  route2("POST", "/sessions/revoke", revokeSessions)
];
var TENANT_PATH = /^\/ops\/v1\/tenants\/([0-9a-z]{26})(\/.*)?$/;
var BLOB_PATH = /^\/blobs\/([0-9a-f]{64})$/;
var USER_PATH = /^\/ops\/v1\/users\/([\w-]{1,64})\/revoke$/;
async function ops(env, request, url) {
  const [, tid, rest = ""] = TENANT_PATH.exec(url.pathname) ?? [];
  if (tid) return tenantOps(env, request, url, tid, rest);
  const claims = await requireControlPlane(env, request, url, "*");
  const [, uid] = USER_PATH.exec(url.pathname) ?? [];
  if (uid && request.method === "POST") return revoke(env, uid, parseObject(await signedBody(request, claims)));
  if (url.pathname === "/readyz" && request.method === "GET") return ready(env);
  throw new Problem(404, "not_found");
}
async function tenantOps(env, request, url, tid, rest) {
  const claims = await requireControlPlane(env, request, url, tid);
  const [, sha] = BLOB_PATH.exec(rest) ?? [];
  if (sha && request.method === "PUT") {
    requireSignedHash(claims, sha);
    return putBlob2({ env, request, url, tid, params: [sha], body: {} });
  }
  const found = OPS_ROUTES.find((candidate) => candidate.method === request.method && candidate.path.test(rest));
  const bytes = await signedBody(request, claims);
  if (!found) throw new Problem(404, "not_found");
  const body = bytes.length ? parseObject(bytes) : {};
  return found.handler({ env, request, url, tid, body, params: (found.path.exec(rest) ?? []).slice(1) });
}
async function revoke(env, uid, body) {
  if (!Number.isSafeInteger(body.not_before)) throw new Problem(400, "bad_document", { field: "not_before" });
  await revokeUser(env, uid, body.not_before);
  return empty();
}
async function ready(env) {
  const state = (check) => check.then((answer) => answer?.ok === false ? "error" : "ok", () => "error");
  const [kv, customer, billing, mailer] = await Promise.all([
    state(env.ROUTING.get("ready")),
    state(Promise.resolve(env.CUSTOMER_OPS.ready())),
    state(Promise.resolve(env.BILLING.ready())),
    state(Promise.resolve(env.MAILER_OPS.ready()))
  ]);
  const all = { kv, r2: customer, customer, billing, mailer };
  return json(all, Object.values(all).includes("error") ? 503 : 200);
}

// studio:assets
var html = '<!doctype html>\n<html lang="de">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n<meta name="color-scheme" content="light dark">\n<title>Studio</title>\n<link rel="icon" href="/assets/icon-246cbe5fa722.svg" type="image/svg+xml">\n<link rel="stylesheet" href="/assets/app-6d6068180a5c.css">\n<script type="module" src="/assets/app-e2bf3f7ce59d.js"><\/script>\n</head>\n<body>\n<div id="app"><main class="splash"><noscript>Das Studio braucht JavaScript. The studio needs JavaScript.</noscript></main></div>\n<div id="live-region" class="vh" role="status"></div>\n<div id="toasts" role="status"></div>\n</body>\n</html>\n';
var assets = { "app-e2bf3f7ce59d.js": { "type": "text/javascript; charset=utf-8", "body": 'document.title="Studio";\n' }, "app-6d6068180a5c.css": { "type": "text/css; charset=utf-8", "body": "body{margin:0}\n" }, "icon-246cbe5fa722.svg": { "type": "image/svg+xml", "body": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b57c9"/><path d="M9 10.5h14M9 16h14M9 21.5h8" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>\n' } };

// src/core/portal.ts
var VIEWS = ["/", "/versions", "/messages", "/domains", "/invoices"];
var CSP = "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'";
function headers(env) {
  const always = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
  };
  return env?.PUBLIC_SCHEME === "https" ? { ...always, "strict-transport-security": "max-age=31536000; includeSubDomains" } : always;
}
function shell(env, path) {
  if (!VIEWS.includes(path)) throw new Problem(404, "not_found");
  return new Response(html, { headers: { ...headers(env), "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });
}
function asset(path) {
  const name = path.slice("/assets/".length);
  const found = Object.hasOwn(assets, name) ? assets[name] : void 0;
  if (!found) throw new Problem(404, "not_found");
  return new Response(found.body, {
    headers: { ...headers(null), "content-type": found.type, "cache-control": "public, max-age=31536000, immutable" }
  });
}

// src/core/index.ts
var index_default = {
  async fetch(request, env, ctx) {
    try {
      return await route3(request, env, ctx);
    } catch (error) {
      return problemResponse(error, request);
    }
  }
};
async function route3(request, env, ctx) {
  const url = new URL(request.url);
  const isOps = url.hostname === env.OPS_HOST;
  const isPortal = portalOrigins(env).some((origin) => new URL(origin).hostname === url.hostname);
  if (!isOps && !isPortal) throw new Problem(404, "not_found");
  if (url.pathname === "/healthz") return json({ ok: true, version: env.VERSION.id });
  return isOps ? opsHost(request, env, url) : portalHost(request, env, ctx, url);
}
function opsHost(request, env, url) {
  if (url.pathname !== "/readyz" && !url.pathname.startsWith("/ops/v1/")) throw new Problem(404, "not_found");
  return ops(env, request, url);
}
async function portalHost(request, env, ctx, url) {
  const { pathname } = url;
  if (pathname.startsWith("/api/v1/") || pathname === "/auth/logout") return api(env, ctx, request, url);
  if (request.method !== "GET" && request.method !== "HEAD") throw new Problem(405, "method_not_allowed");
  if (pathname === "/auth/login") return beginLogin(env, request, url);
  if (pathname === "/auth/callback") return finishLogin(env, ctx, request, url);
  return pathname.startsWith("/assets/") ? asset(pathname) : shell(env, pathname);
}
export {
  index_default as default
};
