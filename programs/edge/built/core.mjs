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
var everything = (refusal) => ({
  read: refusal,
  draft: refusal,
  publish: refusal,
  export: refusal,
  billing: refusal
});
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
    [
      "stripe_customer",
      value.stripe_customer === null || typeof value.stripe_customer === "string" && /^cus_\w{1,60}$/.test(value.stripe_customer)
    ],
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
  if (rest.length || header?.alg !== "EdDSA" || !jwk || proof?.length !== 64) return null;
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
function portalOrigin(env, url) {
  return portalOrigins(env).find((origin) => new URL(origin).hostname === url.hostname);
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

// src/shared/aes.ts
var text2 = new TextEncoder();
var importKey = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
var parameters = (iv, bound) => ({ name: "AES-GCM", iv, additionalData: text2.encode(bound) });
async function encrypt(raw, bound, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(parameters(iv, bound), await importKey(raw), text2.encode(value));
  return `${b64url(iv)}.${b64url(sealed)}`;
}
async function decrypt(raw, bound, sealed) {
  const [iv = "", ciphertext = ""] = sealed.split(".");
  const opened = await crypto.subtle.decrypt(parameters(unb64(iv), bound), await importKey(raw), unb64(ciphertext));
  return new TextDecoder().decode(opened);
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
  const session = { v: 1, ...person, tid, role: membership.role, epochs, csrf: randomId(), created };
  await save(env, sid, session);
  const cookie = await seal(env, "session", sid);
  return `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${created + ABSOLUTE_S - now()}`;
}
var recordKey = (sid) => sha256(`session-record|${sid}`);
async function save(env, sid, session) {
  const handle = await sha256hex(sid);
  const record = await encrypt(await recordKey(sid), handle, JSON.stringify(session));
  const expiration = Math.max(session.created + ABSOLUTE_S, now() + 60);
  await Promise.all([env.SESSIONS.put(`s:${handle}`, record, { expiration }), touch(env, handle)]);
}
function touch(env, handle) {
  return env.SESSIONS.put(`i:${handle}`, String(now()), { expirationTtl: IDLE_S });
}
async function findSession(env, ctx, request) {
  for (const cookie of cookies(request, COOKIE)) {
    const sid = await unseal(env, "session", cookie);
    const signed = sid && await read(env, sid);
    if (!signed || !await stillGood(env, signed.session)) continue;
    if (now() - signed.seen > TOUCH_S) ctx.waitUntil(touch(env, signed.handle));
    return signed;
  }
  return null;
}
async function read(env, sid) {
  const handle = await sha256hex(sid);
  const [record, seen] = await Promise.all([
    env.SESSIONS.get(`s:${handle}`, { type: "text", cacheTtl: 30 }),
    env.SESSIONS.get(`i:${handle}`, { type: "text", cacheTtl: 30 })
  ]);
  if (!record || !seen) return null;
  const opened = await decrypt(await recordKey(sid), handle, record).catch(() => null);
  if (opened === null) console.error(JSON.stringify({ level: "error", event: "session_unreadable", session: handle }));
  return opened === null ? null : { session: JSON.parse(opened), handle, seen: Number(seen) };
}
async function stillGood(env, session) {
  if (now() > session.created + ABSOLUTE_S) return false;
  const revoked = await env.SESSIONS.get(`u:${session.uid}`, { type: "json", cacheTtl: 30 });
  return !revoked || session.created > revoked.not_before;
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
  await Promise.all([env.SESSIONS.delete(`s:${handle}`), env.SESSIONS.delete(`i:${handle}`)]);
}
async function revokeUser(env, uid, notBefore) {
  const known2 = await env.SESSIONS.get(`u:${uid}`, "json");
  const latest = Math.max(notBefore, known2?.not_before ?? 0);
  await env.SESSIONS.put(`u:${uid}`, JSON.stringify({ not_before: latest }), { expirationTtl: ABSOLUTE_S + 3600 });
}
var goneCookie = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

// src/core/call.ts
async function identify(env, ctx, request, url) {
  const { session, handle } = await requireSession(env, ctx, request);
  await limitRate(env.RL_API, handle);
  if (request.method !== "GET") await requireOwnPage(env, request, session);
  return { env, ctx, request, url, params: [], session, handle };
}
async function enter(visitor) {
  const tenant = await readTenant(visitor.env.ROUTING, visitor.session.tid);
  if (!tenant) throw new Problem(503, "not_ready_yet", {}, { "retry-after": "30" });
  requireEpoch(visitor.session, tenant);
  permit(tenant, "login", visitor.session.role);
  return { ...visitor, tenant };
}
function pass(call, gate) {
  permit(call.tenant, gate.action, call.session.role);
  requireRole(call.session.role, gate.least);
  if (gate.fresh) requireFresh(call.session);
}

// src/core/proxy.ts
var PREFIX = "/api/v1/account";
var HOST = "[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})+";
var read2 = { action: "read", least: "reader" };
var write = { action: "publish", least: "editor" };
var owner = { action: "publish", least: "owner", fresh: true };
var exported = { action: "export", least: "owner", fresh: true };
var allow = (method, path, gate) => ({ method, path: new RegExp(`^${path}$`), ...gate });
var ALLOWED = [
  allow("GET", "/profile", { action: "login", least: "reader" }),
  allow("PATCH", "/profile", { action: "login", least: "reader" }),
  allow("GET", "/members", read2),
  allow("POST", "/members", owner),
  allow("DELETE", "/members/[\\w-]{1,64}", owner),
  allow("GET", "/hosts", read2),
  allow("POST", "/hosts", write),
  allow("POST", `/hosts/${HOST}/recheck`, write),
  allow("POST", `/hosts/${HOST}/primary`, write),
  allow("DELETE", `/hosts/${HOST}`, owner),
  allow("GET", "/mail", read2),
  allow("POST", "/mail/recheck", write),
  allow("GET", "/forms/recipients", read2),
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
  const body = await readBody(call.request, 1 << 20);
  if (body.length) requireJson(call.request);
  return relayed(await askControlPlane(call, call.request.method, path + call.url.search, body));
}
function requireJson(request) {
  if (!(request.headers.get("content-type") ?? "").startsWith("application/json")) throw new Problem(415, "json_required");
}
async function askControlPlane(call, method, path, body, patience = 1e4) {
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
      signal: AbortSignal.timeout(patience)
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
  const back = portalOrigin(call.env, call.url) + ownPath(typeof path === "string" ? path : null);
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
async function showSession({ env, session, tenant }) {
  return json({
    user: { id: session.uid, email: session.email, name: session.name, locale: session.locale },
    role: session.role,
    tenant: { id: session.tid, slug: tenant.slug, status: tenant.status, banner: tenant.banner, primary: tenant.primary },
    tenants: session.tenants,
    features: tenant.features,
    limits: tenant.limits,
    portal: `${env.CONTROL_URL}/portal/t/${session.tid}`,
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
    const answer = await askControlPlane(call, "GET", "/hosts", new Uint8Array(), 3e3);
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
  const match = /^(?:W\/)?"?([\w-]{1,80})"?$/.exec(request.headers.get("if-match") ?? "")?.[1];
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
var route = (method, path, gate, handler) => ({
  method,
  path: new RegExp(`^${path}$`),
  handler,
  ...gate
});
var ROUTES = [
  route("GET", "/api/v1/session", anyone, showSession),
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
  route("DELETE", "/api/v1/inbox/([0-9]{8}T[0-9]{9}-[0-9a-f]{12})", cleaner, deleteSubmission)
];
var ALWAYS = {
  "/auth/logout": signOut,
  "/api/v1/session/tenant": switchTenant
};
async function api(env, ctx, request, url) {
  const visitor = await identify(env, ctx, request, url);
  const always = Object.hasOwn(ALWAYS, url.pathname) ? ALWAYS[url.pathname] : void 0;
  if (always && request.method !== "POST") throw new Problem(405, "method_not_allowed");
  if (always) return always(visitor);
  const call = await enter(visitor);
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
var callbackUrl = (env, url) => `${portalOrigin(env, url)}/auth/callback`;
var nobody = `${COOKIE2}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;
async function beginLogin(env, request, url) {
  await limitRate(env.RL_LOGIN, clientKey(request));
  const back = ownPath(url.searchParams.get("return"));
  const login = { state: randomId(), verifier: randomId(), back, until: Date.now() + LOGIN_S * 1e3 };
  const target = new URL(`${env.CONTROL_URL}/oauth/authorize`);
  target.search = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: callbackUrl(env, url),
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
async function putBlobs({ env, tid, body }) {
  const { stored: stored2 } = unwrap(await env.CUSTOMER_OPS.putBlobs(tid, body.contents));
  return json({ stored: stored2 }, 201);
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
  route2("POST", "/blobs", putBlobs),
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
  const state = (check) => check.then(
    (answer) => answer?.ok === false ? "error" : "ok",
    () => "error"
  );
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
var html = '<!doctype html>\n<html lang="de">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n<meta name="color-scheme" content="light dark">\n<title>Studio</title>\n<link rel="icon" href="/assets/icon-246cbe5fa722.svg" type="image/svg+xml">\n<link rel="stylesheet" href="/assets/app-d97058ec09ee.css">\n<script type="module" src="/assets/app-f819a89a16d9.js"><\/script>\n</head>\n<body>\n<div id="app"><main class="splash"><noscript>Das Studio braucht JavaScript. The studio needs JavaScript.</noscript></main></div>\n<div id="live-region" class="vh" role="status"></div>\n<div id="toasts" role="status"></div>\n</body>\n</html>\n';
var assets = { "app-f819a89a16d9.js": { "type": "text/javascript; charset=utf-8", "body": 'function s(e,t={},...n){let i=document.createElement(e);for(let[a,o]of Object.entries(t))qe(i,a,o);return Y(i,n),i}function qe(e,t,n){n==null||n===!1||(t.startsWith("on")?e.addEventListener(t.slice(2),n):t==="value"?e.value=String(n):e.setAttribute(t,n===!0?"":String(n)))}function Y(e,t){for(let n of t)Array.isArray(n)?Y(e,n):n&&e.append(n)}function f(e,...t){e.replaceChildren(),Y(e,t)}var Ke={site:"M4 5h16v14H4zM4 9h16",versions:"M12 7v5l3 2M4 12a8 8 0 1 0 3-6M4 4v4h4",messages:"M4 6h16v11H9l-5 4z",domains:"M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM4 12h16M12 4c4 5 4 11 0 16M12 4c-4 5-4 11 0 16",invoices:"M6 4h12v16l-3-2-3 2-3-2-3 2zM9 9h6M9 13h6",live:"M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M8.5 12l2.5 2.5 4.5-5",running:"M12 4a8 8 0 1 1-8 8",yours:"M4 4h16v16H4zM9 12h6M12.5 9l3 3-3 3",waiting:"M7 4h10M7 20h10M8 4c0 5 8 5 8 8s-8 3-8 8M16 4c0 5-8 5-8 8s8 3 8 8",unknown:"M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M10 10a2 2 0 1 1 2 2.5v1M12 16.5v.1",upload:"M12 16V5M7.5 9.5L12 5l4.5 4.5M5 19h14",bin:"M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",out:"M9 5H5v14h4M13 8l4 4-4 4M17 12H9"};function T(e){let t=document.createElementNS("http://www.w3.org/2000/svg","svg");t.setAttribute("viewBox","0 0 24 24"),t.setAttribute("class","icon"),t.setAttribute("aria-hidden","true");let n=document.createElementNS("http://www.w3.org/2000/svg","path");return n.setAttribute("d",Ke[e]),t.append(n),t}function p(e,t,n={}){return s("button",{type:"button",onclick:t,...n},e)}var Ue=0;function A(e,t,n){let i=`f${Ue+=1}`;return t.id=i,n&&t.setAttribute("aria-describedby",`${i}-hint`),s("div",{class:"field"},s("label",{for:i},e),n&&s("p",{class:"hint",id:`${i}-hint`},n),t)}function w(e,t){let n={ok:"live",running:"running",yours:"yours",waiting:"waiting",danger:"unknown",off:"unknown"};return s("span",{class:`pill ${e}`},T(n[e]),t)}var se={app:"Studio",skip:"Zum Inhalt",nav:"Bereiche",nav_site:"Website",nav_versions:"Versionen",nav_messages:"Nachrichten",nav_domains:"Domains",nav_invoices:"Rechnungen",account:"Konto",site_choice:"Website auswählen",language:"Sprache",theme:"Darstellung",theme_system:"Wie das Gerät",theme_light:"Hell",theme_dark:"Dunkel",sign_out:"Abmelden",to_portal:"Zum Portal",sign_in:"Anmelden",sign_in_title:"Ihr Website-Studio",sign_in_lead:"Dateien hochladen, in Ruhe ansehen, veröffentlichen. Melden Sie sich an, um an Ihrer Website zu arbeiten.",problem_no_site:"Zu Ihrem Konto gehört zurzeit keine Website.",problem_sign_in_refused:"Die Anmeldung wurde nicht abgeschlossen.",loading:"Wird geladen …",retry:"Erneut versuchen",close:"Schließen",cancel:"Abbrechen",confirm:"Bestätigen",delete:"Löschen",save:"Speichern",saved:"Gespeichert.",copy:"Kopieren",copied:"Kopiert",more:"Mehr anzeigen",older:"Ältere anzeigen",request_id:"Vorgang {id}",banner_provisioning:"Ihre Website wird gerade eingerichtet. Sie können schon hochladen; veröffentlichen können Sie in wenigen Minuten.",banner_payment_failed:"Ihre letzte Zahlung ist nicht angekommen. Bitte prüfen Sie Ihre Zahlungsdaten, damit Ihre Website erreichbar bleibt.",banner_suspends_at:"Ohne Zahlung ist Ihre Website ab {date} nicht mehr erreichbar.",banner_past_due:"Eine Rechnung ist offen. Ihre Website bleibt vorerst erreichbar.",banner_suspended:"Ihre Website ist angehalten, weil eine Rechnung offen ist. Ihre Inhalte sind sicher. Nach der Zahlung geht es von allein weiter.",banner_frozen:"Diese Website ist gesperrt. Bitte wenden Sie sich an uns.",banner_offboarding:"Diese Website ist beendet. Sie können Ihre Inhalte noch exportieren.",banner_to_billing:"Zu den Rechnungen",site_title:"Ihre Website",site_open:"Website öffnen",live_title:"Online",live_none:"Noch nichts veröffentlicht",live_none_hint:"Laden Sie Ihre Dateien hoch und veröffentlichen Sie sie mit einem Klick.",live_version:"Version {n}",live_since:"seit {when}",draft_title:"Entwurf",draft_same:"Alles ist veröffentlicht.",draft_empty:"Noch keine Dateien.",draft_changes:"{n} Änderungen sind noch nicht online.",draft_changes_one:"Eine Änderung ist noch nicht online.",draft_settings:"Einstellungen geändert",preview:"Vorschau öffnen",preview_blocked:"Der Browser hat das neue Fenster verhindert.",preview_link:"Vorschau hier öffnen",publish:"Jetzt veröffentlichen",publish_title:"Änderungen veröffentlichen",publish_text:"Danach sehen alle Besucherinnen und Besucher den Stand Ihres Entwurfs. Die jetzige Version bleibt aufbewahrt.",publishing:"Wird veröffentlicht …",published:"Version {n} ist online.",discard:"Entwurf verwerfen",discard_title:"Entwurf verwerfen",discard_text:"Der Entwurf wird auf den Stand zurückgesetzt, der online ist. {n} Änderungen gehen verloren.",discarded:"Der Entwurf entspricht wieder dem Stand online.",change_new:"neu",change_changed:"geändert",change_removed:"entfernt",upload_title:"Hochladen",upload_drop:"Dateien oder einen Ordner hierher ziehen",upload_or:"oder",upload_files:"Dateien wählen",upload_folder:"Ordner wählen",upload_hint:"HTML, CSS, JavaScript, Bilder, Schriften, PDF, Ton und Film. Je Datei höchstens {max}.",plan_title:"Das wird hochgeladen",plan_reading:"Dateien werden verglichen …",plan_summary:"{new} neu, {changed} geändert, {same} unverändert.",plan_replace:"Die ganze Website ersetzen: {n} Dateien, die nicht dabei sind, werden aus dem Entwurf entfernt.",plan_refused:"{n} Dateien können nicht aufgenommen werden:",plan_refused_one:"Eine Datei kann nicht aufgenommen werden:",plan_nothing:"Es gibt nichts hochzuladen: Alles ist schon im Entwurf.",plan_go:"In den Entwurf übernehmen",refused_type:"Dateityp nicht erlaubt",refused_name:"Name nicht erlaubt",refused_size:"größer als {max}",uploading:"{done} von {all} Dateien übertragen",upload_waiting:"Kurze Pause, gleich geht es weiter …",upload_done:"Der Entwurf ist aktualisiert.",upload_stopped:"Abgebrochen. Der Entwurf ist unverändert.",files_title:"Dateien im Entwurf",files_filter:"Dateien filtern",files_none:"Keine Datei passt zu Ihrer Suche.",files_path:"Datei",files_size:"Größe",files_action:"Aktion",files_delete:"{path} entfernen",files_deleted:"{path} ist aus dem Entwurf entfernt.",usage_title:"Speicher",usage_bytes:"{used} von {max} belegt",usage_files:"{used} von {max} Dateien",settings_title:"Einstellungen",settings_slash:"Adressen von Seiten",settings_slash_add:"mit Schrägstrich am Ende: /team/",settings_slash_strip:"ohne Schrägstrich am Ende: /team",settings_slash_keep:"beides zulassen",settings_spa:"Unbekannte Adressen zeigen die Startseite (für Web-Apps)",settings_spa_hint:"Ist in Ihrem Tarif nicht enthalten.",settings_redirects:"Weiterleitungen",settings_redirects_hint:"Je Zeile: alte Adresse, neue Adresse und wenn nötig 301, 302, 307 oder 308. Ein * am Ende steht für den Rest.",settings_save:"Einstellungen in den Entwurf übernehmen",exports_title:"Sicherung herunterladen",exports_lead:"Alle Dateien, Versionen und Nachrichten dieser Website in einem Paket.",exports_none:"Noch keine Sicherung.",exports_start:"Sicherung erstellen",exports_started:"Die Sicherung wird erstellt. Das dauert einige Minuten.",exports_preparing:"Wird erstellt",exports_ready:"Bereit",exports_failed:"Fehlgeschlagen",exports_download:"Herunterladen",versions_title:"Versionen",versions_lead:"Jede Veröffentlichung bleibt aufbewahrt. Eine frühere Version setzen Sie mit einem Klick wieder ein.",versions_none:"Noch keine Version. Veröffentlichen Sie zuerst Ihren Entwurf.",versions_live:"Online",versions_facts:"{files} Dateien, {bytes}",versions_by_me:"von Ihnen",versions_by_team:"vom Team",versions_by_us:"von uns eingerichtet",versions_kind_rollback:"wieder eingesetzt",versions_kind_restore:"aus Sicherung",rollback:"Wieder einsetzen",rollback_title:"Version {n} wieder einsetzen",rollback_text:"Besucherinnen und Besucher sehen danach wieder den Stand vom {when}. Ihr Entwurf bleibt, wie er ist.",rolled_back:"Version {n} ist wieder online.",messages_title:"Nachrichten",messages_lead:"Was über die Formulare Ihrer Website ankommt. Nachrichten werden nach 90 Tagen gelöscht.",messages_none:"Noch keine Nachrichten. Sobald jemand ein Formular Ihrer Website absendet, steht es hier.",messages_form:"Formular {form}",messages_sent:"Per E-Mail zugestellt",messages_unsent:"Nur hier gespeichert",messages_delete_title:"Nachricht löschen",messages_delete_text:"Die Nachricht wird endgültig gelöscht.",messages_deleted:"Die Nachricht ist gelöscht.",recipients_title:"Empfänger",recipients_hint:"Bis zu fünf E-Mail-Adressen, je Zeile eine. Neue Adressen erhalten zuerst eine Bestätigung.",recipients_label:"E-Mail-Adressen",recipients_save:"Empfänger speichern",recipients_failed:"Die Empfänger konnten nicht geladen werden.",recipients_test:"Probe-E-Mail senden",recipients_tested:"Die Probe-E-Mail ist unterwegs.",domains_title:"Domains",domains_lead:"Unter diesen Adressen ist Ihre Website erreichbar.",domains_add:"Eigene Domain verbinden",domains_add_label:"Domain, zum Beispiel www.ihre-firma.de",domains_add_go:"Domain verbinden",domains_added:"{host} ist vorgemerkt. Die nötigen Einträge stehen unten.",domains_feature:"Eigene Domains sind in Ihrem Tarif nicht enthalten.",domains_primary:"Hauptadresse",domains_make_primary:"Zur Hauptadresse machen",domains_made_primary:"{host} wird zur Hauptadresse.",domains_recheck:"Erneut prüfen",domains_rechecked:"{host} wird geprüft.",domains_remove:"Entfernen",domains_remove_title:"{host} entfernen",domains_remove_text:"Die Website ist danach unter dieser Adresse nicht mehr erreichbar. Zum Bestätigen geben Sie die Adresse ein.",domains_removed:"{host} wird entfernt.",domains_records:"Tragen Sie dies bei Ihrem Domain-Anbieter ein:",domains_record_type:"Typ",domains_record_name:"Name",domains_record_value:"Wert",host_live:"Bereit",host_live_text:"Diese Adresse führt zu Ihrer Website.",host_requested:"Läuft",host_requested_text:"Die Adresse wird vorbereitet. Sie müssen nichts tun.",host_awaiting_dns:"Ihre Aufgabe",host_awaiting_dns_text:"Es fehlen Einträge bei Ihrem Domain-Anbieter.",host_verifying:"Läuft",host_verifying_text:"Das Zertifikat wird ausgestellt. Sie müssen nichts tun.",host_probing:"Läuft",host_probing_text:"Die Adresse wird ein letztes Mal geprüft.",host_moved:"Ihre Aufgabe",host_moved_text:"Die Einträge zeigen nicht mehr zu uns. Bitte prüfen Sie sie.",host_blocked:"Bei uns",host_blocked_text:"Ein Mensch bei uns sieht sich das an.",host_removing:"Läuft",host_removing_text:"Die Adresse wird entfernt.",host_unknown:"Unbekannt",host_unknown_text:"Der Stand kann gerade nicht geprüft werden.",invoices_title:"Rechnungen",invoices_lead:"Ihre letzten zwölf Rechnungen. Zahlungsdaten und Tarif ändern Sie im Zahlungsportal.",invoices_portal:"Zahlungsdaten verwalten",invoices_none:"Noch keine Rechnungen.",invoices_owner:"Rechnungen sieht nur, wem die Website gehört.",invoices_number:"Nummer",invoices_date:"Datum",invoices_total:"Betrag",invoices_status:"Stand",invoices_links:"Ansehen",invoices_open:"Rechnung {number} ansehen",invoices_pdf:"PDF",invoice_paid:"Bezahlt",invoice_open:"Offen",invoice_draft:"Entwurf",invoice_void:"Storniert",invoice_uncollectible:"Ausgebucht",error_title:"Das hat nicht geklappt",error_other:"Es ist ein Fehler aufgetreten. Bitte versuchen Sie es noch einmal.",error_network:"Keine Verbindung. Bitte prüfen Sie Ihr Netz und versuchen Sie es noch einmal.",error_unauthenticated:"Sie sind abgemeldet. Bitte melden Sie sich wieder an.",error_rate_limited:"Das war zu oft in kurzer Zeit. Bitte warten Sie eine Minute.",error_stale_release:"Inzwischen wurde Version {n} veröffentlicht. Bitte sehen Sie sich den neuen Stand an und entscheiden Sie dann.",error_draft_changed:"Der Entwurf wurde inzwischen an anderer Stelle geändert. Er ist neu geladen; bitte versuchen Sie es noch einmal.",error_blob_missing:"Einzelne Dateien fehlen. Bitte laden Sie sie noch einmal hoch.",error_path_collision:"Zwei Dateien haben fast denselben Namen: {path} und {other}.",error_bad_path:"Dieser Dateiname ist nicht erlaubt: {path}",error_type_not_allowed:"Dieser Dateityp ist nicht erlaubt, oder der Inhalt passt nicht zum Namen: {path}",error_bad_settings:"Die Einstellungen enthalten einen Fehler. Bitte prüfen Sie die Weiterleitungen.",error_limit_exceeded:"Das überschreitet Ihren Tarif.",error_feature_not_in_plan:"Das ist in Ihrem Tarif nicht enthalten.",error_subscription_required:"Das ist erst nach Bezahlung der offenen Rechnung wieder möglich.",error_tenant_frozen:"Diese Website ist gesperrt. Bitte wenden Sie sich an uns.",error_not_ready_yet:"Ihre Website wird noch eingerichtet. Bitte versuchen Sie es in einigen Minuten.",error_role_not_allowed:"Dafür fehlt Ihnen das Recht. Bitte wenden Sie sich an die Person, der die Website gehört.",error_nothing_to_publish:"Der Entwurf ist leer. Bitte laden Sie zuerst Dateien hoch.",error_no_customer:"Zu dieser Website gibt es noch kein Zahlungskonto.",error_no_recipients:"Es ist noch kein Empfänger bestätigt.",error_billing_unavailable:"Das Zahlungsportal antwortet gerade nicht. Bitte versuchen Sie es später noch einmal.",error_mail_unavailable:"Die E-Mail konnte gerade nicht gesendet werden.",error_control_plane_unavailable:"Dieser Teil antwortet gerade nicht. Bitte versuchen Sie es später noch einmal.",error_too_large:"Eine Datei ist zu groß."};var ie={app:"Studio",skip:"Skip to content",nav:"Sections",nav_site:"Website",nav_versions:"Versions",nav_messages:"Messages",nav_domains:"Domains",nav_invoices:"Invoices",account:"Account",site_choice:"Choose a website",language:"Language",theme:"Appearance",theme_system:"Same as device",theme_light:"Light",theme_dark:"Dark",sign_out:"Sign out",to_portal:"To the portal",sign_in:"Sign in",sign_in_title:"Your website studio",sign_in_lead:"Upload files, look at them in peace, publish. Sign in to work on your website.",problem_no_site:"There is no website for your account at the moment.",problem_sign_in_refused:"The sign-in was not completed.",loading:"Loading …",retry:"Try again",close:"Close",cancel:"Cancel",confirm:"Confirm",delete:"Delete",save:"Save",saved:"Saved.",copy:"Copy",copied:"Copied",more:"Show more",older:"Show older",request_id:"Reference {id}",banner_provisioning:"Your website is being set up. You can upload already; you can publish in a few minutes.",banner_payment_failed:"Your last payment did not arrive. Please check your payment details so that your website stays available.",banner_suspends_at:"Without a payment your website will not be available from {date}.",banner_past_due:"An invoice is open. Your website stays available for now.",banner_suspended:"Your website is paused because an invoice is open. Your content is safe. After the payment it continues by itself.",banner_frozen:"This website is blocked. Please contact us.",banner_offboarding:"This website has ended. You can still export your content.",banner_to_billing:"Go to invoices",site_title:"Your website",site_open:"Open website",live_title:"Online",live_none:"Nothing published yet",live_none_hint:"Upload your files and publish them with one click.",live_version:"Version {n}",live_since:"since {when}",draft_title:"Draft",draft_same:"Everything is published.",draft_empty:"No files yet.",draft_changes:"{n} changes are not online yet.",draft_changes_one:"One change is not online yet.",draft_settings:"Settings changed",preview:"Open preview",preview_blocked:"The browser prevented the new window.",preview_link:"Open the preview here",publish:"Publish now",publish_title:"Publish changes",publish_text:"After this, all visitors see what is in your draft. The present version is kept.",publishing:"Publishing …",published:"Version {n} is online.",discard:"Discard draft",discard_title:"Discard draft",discard_text:"The draft goes back to what is online. {n} changes will be lost.",discarded:"The draft is the same as what is online again.",change_new:"new",change_changed:"changed",change_removed:"removed",upload_title:"Upload",upload_drop:"Drag files or a folder here",upload_or:"or",upload_files:"Choose files",upload_folder:"Choose a folder",upload_hint:"HTML, CSS, JavaScript, images, fonts, PDF, sound and film. At most {max} a file.",plan_title:"This will be uploaded",plan_reading:"Comparing files …",plan_summary:"{new} new, {changed} changed, {same} unchanged.",plan_replace:"Replace the whole website: {n} files that are not among these are removed from the draft.",plan_refused:"{n} files cannot be taken:",plan_refused_one:"One file cannot be taken:",plan_nothing:"There is nothing to upload: everything is in the draft already.",plan_go:"Put into the draft",refused_type:"file type not allowed",refused_name:"name not allowed",refused_size:"larger than {max}",uploading:"{done} of {all} files transferred",upload_waiting:"A short pause, it continues in a moment …",upload_done:"The draft is up to date.",upload_stopped:"Cancelled. The draft is unchanged.",files_title:"Files in the draft",files_filter:"Filter files",files_none:"No file matches your search.",files_path:"File",files_size:"Size",files_action:"Action",files_delete:"Remove {path}",files_deleted:"{path} is removed from the draft.",usage_title:"Storage",usage_bytes:"{used} of {max} used",usage_files:"{used} of {max} files",settings_title:"Settings",settings_slash:"Addresses of pages",settings_slash_add:"with a slash at the end: /team/",settings_slash_strip:"without a slash at the end: /team",settings_slash_keep:"allow both",settings_spa:"Unknown addresses show the home page (for web apps)",settings_spa_hint:"Not included in your plan.",settings_redirects:"Redirects",settings_redirects_hint:"One a line: old address, new address and, if needed, 301, 302, 307 or 308. A * at the end stands for the rest.",settings_save:"Put settings into the draft",exports_title:"Download a backup",exports_lead:"All files, versions and messages of this website in one package.",exports_none:"No backup yet.",exports_start:"Make a backup",exports_started:"The backup is being made. This takes a few minutes.",exports_preparing:"Being made",exports_ready:"Ready",exports_failed:"Failed",exports_download:"Download",versions_title:"Versions",versions_lead:"Everything you publish is kept. You can put an earlier version back with one click.",versions_none:"No version yet. Publish your draft first.",versions_live:"Online",versions_facts:"{files} files, {bytes}",versions_by_me:"by you",versions_by_team:"by the team",versions_by_us:"set up by us",versions_kind_rollback:"put back",versions_kind_restore:"from a backup",rollback:"Put back",rollback_title:"Put version {n} back",rollback_text:"After this, visitors see the state of {when} again. Your draft stays as it is.",rolled_back:"Version {n} is online again.",messages_title:"Messages",messages_lead:"What arrives through the forms of your website. Messages are deleted after 90 days.",messages_none:"No messages yet. As soon as somebody sends a form of your website, it appears here.",messages_form:"Form {form}",messages_sent:"Delivered by e-mail",messages_unsent:"Stored here only",messages_delete_title:"Delete message",messages_delete_text:"The message is deleted for good.",messages_deleted:"The message is deleted.",recipients_title:"Recipients",recipients_hint:"Up to five e-mail addresses, one a line. New addresses get a confirmation first.",recipients_label:"E-mail addresses",recipients_save:"Save recipients",recipients_failed:"The recipients could not be loaded.",recipients_test:"Send a test e-mail",recipients_tested:"The test e-mail is on its way.",domains_title:"Domains",domains_lead:"Your website answers at these addresses.",domains_add:"Connect your own domain",domains_add_label:"Domain, for example www.your-company.com",domains_add_go:"Connect domain",domains_added:"{host} is noted. The records it needs are below.",domains_feature:"Own domains are not included in your plan.",domains_primary:"Main address",domains_make_primary:"Make main address",domains_made_primary:"{host} is becoming the main address.",domains_recheck:"Check again",domains_rechecked:"{host} is being checked.",domains_remove:"Remove",domains_remove_title:"Remove {host}",domains_remove_text:"After this, the website no longer answers at this address. To confirm, type the address.",domains_removed:"{host} is being removed.",domains_records:"Enter this at your domain provider:",domains_record_type:"Type",domains_record_name:"Name",domains_record_value:"Value",host_live:"Ready",host_live_text:"This address leads to your website.",host_requested:"Running",host_requested_text:"The address is being prepared. Nothing for you to do.",host_awaiting_dns:"Your turn",host_awaiting_dns_text:"Records are missing at your domain provider.",host_verifying:"Running",host_verifying_text:"The certificate is being issued. Nothing for you to do.",host_probing:"Running",host_probing_text:"The address is being checked one last time.",host_moved:"Your turn",host_moved_text:"The records no longer point to us. Please check them.",host_blocked:"With us",host_blocked_text:"A person on our side is looking at it.",host_removing:"Running",host_removing_text:"The address is being removed.",host_unknown:"Unknown",host_unknown_text:"The state cannot be checked at the moment.",invoices_title:"Invoices",invoices_lead:"Your last twelve invoices. Payment details and plan are changed in the payment portal.",invoices_portal:"Manage payment details",invoices_none:"No invoices yet.",invoices_owner:"Invoices are visible to the owner of the website only.",invoices_number:"Number",invoices_date:"Date",invoices_total:"Amount",invoices_status:"State",invoices_links:"View",invoices_open:"View invoice {number}",invoices_pdf:"PDF",invoice_paid:"Paid",invoice_open:"Open",invoice_draft:"Draft",invoice_void:"Cancelled",invoice_uncollectible:"Written off",error_title:"That did not work",error_other:"An error occurred. Please try again.",error_network:"No connection. Please check your network and try again.",error_unauthenticated:"You are signed out. Please sign in again.",error_rate_limited:"That was too often in a short time. Please wait a minute.",error_stale_release:"Version {n} has been published in the meantime. Please look at the new state, then decide.",error_draft_changed:"The draft has been changed elsewhere in the meantime. It is loaded again; please try once more.",error_blob_missing:"Some files are missing. Please upload them again.",error_path_collision:"Two files have almost the same name: {path} and {other}.",error_bad_path:"This file name is not allowed: {path}",error_type_not_allowed:"This file type is not allowed, or the content does not match the name: {path}",error_bad_settings:"There is a mistake in the settings. Please check the redirects.",error_limit_exceeded:"That is more than your plan includes.",error_feature_not_in_plan:"That is not included in your plan.",error_subscription_required:"That is possible again once the open invoice is paid.",error_tenant_frozen:"This website is blocked. Please contact us.",error_not_ready_yet:"Your website is still being set up. Please try again in a few minutes.",error_role_not_allowed:"You do not have the right to do that. Please ask the owner of the website.",error_nothing_to_publish:"The draft is empty. Please upload files first.",error_no_customer:"There is no payment account for this website yet.",error_no_recipients:"No recipient is confirmed yet.",error_billing_unavailable:"The payment portal does not answer at the moment. Please try again later.",error_mail_unavailable:"The e-mail could not be sent at the moment.",error_control_plane_unavailable:"This part does not answer at the moment. Please try again later.",error_too_large:"A file is too large."};var Z={de:se,en:ie},z={de:"de-DE",en:"en-GB"},M="de";function N(e){M=e,document.documentElement.lang=e}function re(){return M}function r(e,t={}){return Z[M][e].replace(/\\{(\\w+)\\}/g,(n,i)=>i in t?String(t[i]):n)}function D(e,t,n){let i=`${e}_${t}`;return r(i in Z[M]?i:n)}function W(e,t){let n=`${e}_one`;return r(t===1&&n in Z[M]?n:e,{n:b(t)})}function b(e){return new Intl.NumberFormat(z[M]).format(e)}function k(e){let t=["byte","kilobyte","megabyte","gigabyte"],n=Math.min(t.length-1,e<1?0:Math.floor(Math.log(e)/Math.log(1024))),i=e/1024**n,a=n===0||i>=100?0:1;return new Intl.NumberFormat(z[M],{style:"unit",unit:t[n],maximumFractionDigits:a}).format(i)}function P(e){return new Intl.DateTimeFormat(z[M],{dateStyle:"medium",timeStyle:"short"}).format(new Date(e))}function j(e){return new Intl.DateTimeFormat(z[M],{dateStyle:"long"}).format(new Date(e))}function ae(e,t){let n=new Intl.NumberFormat(z[M],{style:"currency",currency:t.toUpperCase()});return n.format(e/10**(n.resolvedOptions().maximumFractionDigits??2))}var S=class extends Error{status;code;details;requestId;constructor(t,n,i={},a=null){super(n),this.status=t,this.code=n,this.details=i,this.requestId=a}},oe="";function le(e){oe=e}async function v(e,t,n={}){let i=await Ye(e,t,n);if(!i.ok)throw await Ze(i);return{value:i.status===204?null:await i.json(),etag:i.headers.get("etag")?.replace(/^W\\//,"")??null}}async function Ye(e,t,{body:n,raw:i,ifMatch:a,signal:o}){let l={accept:"application/json"};e!=="GET"&&(l["x-csrf-token"]=oe),n!==void 0&&(l["content-type"]="application/json"),a&&(l["if-match"]=a);try{let c=i??(n===void 0?null:JSON.stringify(n));return await fetch(t,{method:e,headers:l,body:c,signal:o??null,credentials:"same-origin"})}catch(c){throw o?.aborted?c:new S(0,"network")}}async function Ze(e){let t=await e.json().catch(()=>null),{code:n=t?.code??"other",details:i={},request_id:a=null}=t?.error??{},o=e.headers.get("retry-after");return new S(e.status,n,o?{...i,retry_after:Number(o)}:i,a)}async function g(e){return(await v("GET",e)).value}async function _(e,t={}){return(await v("POST",e,{body:t})).value}function ce(e){if(!(e instanceof S))return r("error_other");let t=Object.fromEntries(Object.entries(e.details).map(([i,a])=>[i,String(a)]));return D("error",e.code,"error_other").replace(/\\{(\\w+)\\}/g,(i,a)=>t[a]??"")}var Ge=6e3;function h(e){let t=document.getElementById("toasts"),n=s("div",{class:"toast"},s("p",{},e),p("×",()=>n.remove(),{"aria-label":r("close"),class:"quiet"}));t.childElementCount>1&&t.firstElementChild.remove(),t.append(n),setTimeout(()=>n.remove(),Ge)}function F(e){document.getElementById("live-region").textContent=e}function H(e,t){let n=e instanceof S?e.requestId:null;return s("div",{class:"errors",role:"alert"},s("h2",{},r("error_title")),s("p",{},ce(e)),n&&n!=="local"&&s("p",{class:"hint"},r("request_id",{id:n})),t&&p(r("retry"),t))}function Je(e){location.assign(`/auth/login?step_up=1&return=${encodeURIComponent(e)}`)}async function m(e,t){if(e.getAttribute("aria-disabled")==="true")return;let n=e.closest("[data-errors]")??e.parentElement;n.querySelector(":scope > .errors")?.remove(),e.setAttribute("aria-disabled","true");try{await t()}catch(i){if(i instanceof S&&i.code==="step_up_required")return Je(location.pathname);n.append(H(i))}finally{e.removeAttribute("aria-disabled")}}function L({title:e,text:t,confirm:n,danger:i=!1,type:a}){let o=s("input",{autocomplete:"off",spellcheck:"false","aria-label":a??""}),l=s("button",{class:i?"danger":"primary",value:"yes"},n),c=s("button",{value:"no",autofocus:!0,formnovalidate:!0},r("cancel")),u=s("form",{method:"dialog"},s("h2",{},e),s("div",{},t),a&&o,s("div",{class:"actions"},l,c)),d=s("dialog",{"aria-label":e},u);return a&&(o.pattern=a.replace(/[.*+?^${}()|[\\]\\\\]/g,"\\\\$&"),o.required=!0),new Promise(y=>{d.addEventListener("close",()=>{d.remove(),y(d.returnValue==="yes")}),document.body.append(d),d.showModal()})}function G(e){let t=p(r("copy"),async()=>{await navigator.clipboard.writeText(e),F(r("copied")),t.textContent=r("copied"),setTimeout(()=>t.textContent=r("copy"),2e3)},{class:"quiet small"});return s("span",{class:"copyable"},s("code",{},e),t)}function x(e){let t=s("div",{class:"part","aria-busy":"true"},s("p",{class:"hint"},r("loading"))),n=async()=>{t.setAttribute("aria-busy","true");try{f(t,await e())}catch(i){f(t,H(i,n))}finally{t.removeAttribute("aria-busy")}};return n(),t}async function de(){try{let e=await g("/api/v1/session");return le(e.csrf),N(me()??e.user.locale),e}catch(e){if(e instanceof S&&e.status===401)return null;throw e}}async function V(){let{value:e,etag:t}=await v("GET","/api/v1/draft");return{manifest:e,etag:t??\'"none"\'}}async function I(e,t){let{etag:n}=await v("POST","/api/v1/draft/commit",{body:t,ifMatch:e.etag});return n??e.etag}function E(e){return e.role!=="reader"&&["active","past_due","provisioning"].includes(e.tenant.status)}var ue="studio-language",pe="studio-theme";function me(){let e=localStorage.getItem(ue);return e==="de"||e==="en"?e:null}function he(e){localStorage.setItem(ue,e),N(e)}function fe(){return me()??(navigator.language.toLowerCase().startsWith("de")?"de":"en")}function J(){return localStorage.getItem(pe)??"system"}function ge(e){localStorage.setItem(pe,e),X()}function X(){let e=J();e==="system"?document.documentElement.removeAttribute("data-theme"):document.documentElement.dataset.theme=e}var $=[{path:"/",title:"nav_site",icon:"site"},{path:"/versions",title:"nav_versions",icon:"versions"},{path:"/messages",title:"nav_messages",icon:"messages"},{path:"/domains",title:"nav_domains",icon:"domains"},{path:"/invoices",title:"nav_invoices",icon:"invoices"}];function _e(e,t,n,i){f(document.getElementById("app"),s("a",{class:"skip",href:"#main"},r("skip")),Xe(e,i),s("div",{class:"columns"},et(t),s("main",{id:"main",tabindex:"-1"},nt(e),n)),tt(i))}function Xe(e,t){let n=p(r("sign_out"),()=>m(n,async()=>{await v("POST","/auth/logout",{body:{}}),location.assign("/")}),{class:"quiet"});return n.prepend(T("out")),s("header",{},s("a",{class:"brand",href:"/"},s("span",{class:"mark","aria-hidden":"true"}),r("app")),Qe(e),s("div",{class:"account",role:"group","aria-label":r("account")},be(t),s("span",{class:"who"},e.user.name||e.user.email),s("a",{class:"button quiet",href:e.portal},r("to_portal")),n))}function Qe(e){if(e.tenants.length<2)return s("span",{class:"tenant"},e.tenant.primary);let t=s("select",{"aria-label":r("site_choice"),onchange:async()=>{await v("POST","/api/v1/session/tenant",{body:{tenant_id:t.value}}),location.assign("/")}},e.tenants.map(({id:n,slug:i})=>s("option",{value:n,selected:n===e.tenant.id},i)));return t}function be(e){let t=(n,i)=>{let a=p(i,()=>{he(n),e()},{class:"quiet small",lang:n});return a.setAttribute("aria-pressed",String(re()===n)),a};return s("div",{class:"languages",role:"group","aria-label":r("language")},t("de","Deutsch"),t("en","English"))}function et(e){let t=$.map(n=>{let i=n.path===e?"page":null;return s("li",{},s("a",{href:n.path,"aria-current":i},T(n.icon),r(n.title)))});return s("nav",{"aria-label":r("nav")},s("ul",{},t))}function tt(e){let n=s("select",{onchange:()=>{ge(n.value),e()}},[["system","theme_system"],["light","theme_light"],["dark","theme_dark"]].map(([i,a])=>s("option",{value:i,selected:i===J()},r(a))));return s("footer",{},s("label",{},r("theme")," ",n))}function nt({tenant:e}){let[t="",n]=(e.banner??"").split(":"),i=n?r("banner_suspends_at",{date:j(n)}):D("banner",t||e.status,"app");if(!(t||["provisioning","past_due","suspended","frozen","offboarding"].includes(e.status)))return null;let o=t||["past_due","suspended"].includes(e.status);return s("section",{class:"banner","aria-label":r("nav_invoices")},s("p",{},i),o&&s("a",{href:"/invoices"},r("banner_to_billing")))}function ve(e,t){let n=location.pathname==="/"?"":`?return=${encodeURIComponent(location.pathname)}`;f(document.getElementById("app"),s("main",{class:"splash",id:"main"},s("span",{class:"mark","aria-hidden":"true"}),s("h1",{},r("sign_in_title")),e&&s("p",{class:"banner",role:"alert"},D("problem",e,"error_other")),s("p",{class:"lead"},r("sign_in_lead")),s("a",{class:"button primary",href:`/auth/login${n}`},r("sign_in")),be(t)))}var st={live:"ok",requested:"running",verifying:"running",probing:"running",removing:"running",awaiting_dns:"yours",moved:"yours",blocked:"waiting"};function ye(e){let t=s("div",{}),n=()=>t.replaceChildren(x(()=>it(e,n)));return n(),s("div",{class:"stack"},s("h1",{},r("domains_title")),s("p",{class:"lead"},r("domains_lead")),t,dt(e,n))}async function it(e,t){let{hosts:n}=await g("/api/v1/account/hosts");return s("ul",{class:"plain stack"},n.map(i=>rt(e,i,t)))}function rt(e,t,n){let i=D("host",t.state,"host_unknown"),a=D("host",`${t.state}_text`,"host_unknown_text");return s("li",{class:"card","data-errors":!0},s("div",{class:"heading"},s("h2",{class:"path"},t.host),w(st[t.state]??"off",i),t.host===e.tenant.primary&&w("ok",r("domains_primary"))),s("p",{},a),t.records.length>0&&t.state!=="live"&&ot(t.records),E(e)&&at(e,t)&&lt(e,t,n))}function at(e,{host:t}){return!t.startsWith(`${e.tenant.slug}.`)}function ot(e){let t=({type:i,name:a,value:o})=>s("tr",{},s("td",{"data-label":r("domains_record_type")},i),s("td",{"data-label":r("domains_record_name")},G(a)),s("td",{"data-label":r("domains_record_value")},G(o))),n=[r("domains_record_type"),r("domains_record_name"),r("domains_record_value")].map(i=>s("th",{scope:"col"},i));return s("table",{class:"stacking"},s("caption",{},r("domains_records")),s("thead",{},s("tr",{},n)),s("tbody",{},e.map(t)))}function lt(e,{host:t,state:n},i){let a=`/api/v1/account/hosts/${encodeURIComponent(t)}`,o=(u,d,y)=>{let O=p(u,()=>m(O,async()=>{await d(),h(y),i()}));return O},l=o(r("domains_recheck"),()=>_(`${a}/recheck`),r("domains_rechecked",{host:t})),c=o(r("domains_make_primary"),()=>_(`${a}/primary`),r("domains_made_primary",{host:t}));return s("div",{class:"actions"},n!=="live"&&l,n==="live"&&t!==e.tenant.primary&&c,e.role==="owner"&&ct(t,a,i))}function ct(e,t,n){let i=p(r("domains_remove"),async()=>{let a={title:r("domains_remove_title",{host:e}),text:r("domains_remove_text"),confirm:r("domains_remove"),danger:!0,type:e};await L(a)&&await m(i,async()=>{await v("DELETE",t),h(r("domains_removed",{host:e})),n()})},{class:"quiet"});return i}function dt(e,t){if(!e.features.own_domain)return s("p",{class:"hint"},r("domains_feature"));if(!E(e))return null;let n=s("input",{autocomplete:"off",autocapitalize:"none",spellcheck:"false",inputmode:"url",required:!0,maxlength:253}),i=s("button",{class:"primary"},r("domains_add_go")),a=o=>{o.preventDefault(),m(i,async()=>{let l=n.value.trim().toLowerCase().replace(/^https?:\\/\\//,"").replace(/\\/.*$/,"");await _("/api/v1/account/hosts",{host:l}),h(r("domains_added",{host:l})),n.value="",t()})};return s("section",{class:"card","aria-labelledby":"add"},s("h2",{id:"add"},r("domains_add")),s("form",{onsubmit:a,class:"stack","data-errors":!0},A(r("domains_add_label"),n),s("div",{class:"actions"},i)))}function we(e){let t=[s("h1",{},r("invoices_title")),s("p",{class:"lead"},r("invoices_lead"))];if(e.role!=="owner")return s("div",{class:"stack"},t,s("p",{class:"card"},r("invoices_owner")));let n=p(r("invoices_portal"),()=>m(n,async()=>{let{url:i}=await _("/api/v1/billing/portal",{return_path:"/invoices"});location.assign(i)}),{class:"primary"});return s("div",{class:"stack"},t,s("div",{class:"actions","data-errors":!0},n),x(ut))}async function ut(){let{invoices:e}=await g("/api/v1/billing/invoices");if(!e.length)return s("p",{class:"card"},r("invoices_none"));let t=["invoices_number","invoices_date","invoices_total","invoices_status","invoices_links"].map(n=>s("th",{scope:"col"},r(n)));return s("div",{class:"card"},s("table",{class:"stacking"},s("caption",{class:"vh"},r("invoices_title")),s("thead",{},s("tr",{},t)),s("tbody",{},e.map(pt))))}function pt(e){let t=e.number??"–",n=D("invoice",e.status,"invoice_draft");return s("tr",{},s("th",{scope:"row"},t),s("td",{"data-label":r("invoices_date")},j(new Date(e.created*1e3).toISOString())),s("td",{class:"number","data-label":r("invoices_total")},ae(e.total,e.currency)),s("td",{"data-label":r("invoices_status")},w(e.status==="paid"?"ok":e.status==="open"?"yours":"off",n)),s("td",{"data-label":r("invoices_links")},e.hosted_url&&s("a",{href:e.hosted_url,target:"_blank",rel:"noopener noreferrer","aria-label":r("invoices_open",{number:t})},r("invoices_links"))," ",e.pdf_url&&s("a",{href:e.pdf_url,target:"_blank",rel:"noopener noreferrer"},r("invoices_pdf"))))}function ke(e){return s("div",{class:"stack"},s("h1",{},r("messages_title")),s("p",{class:"lead"},r("messages_lead")),x(async()=>{let t=await g("/api/v1/inbox");return t.submissions.length?mt(e,t):s("p",{class:"card"},r("messages_none"))}),s("section",{class:"card","aria-labelledby":"recipients"},s("h2",{id:"recipients"},r("recipients_title")),x(()=>ft(e))))}function mt(e,t){let n=s("ul",{class:"plain stack"},t.submissions.map(o=>xe(e,o))),i=s("div",{class:"stack","data-errors":!0},n),a=o=>{let l=p(r("older"),()=>m(l,async()=>{let c=await g(`/api/v1/inbox?cursor=${encodeURIComponent(o)}`);n.append(...c.submissions.map(u=>xe(e,u))),l.remove(),c.cursor&&i.append(a(c.cursor))}));return l};return t.cursor&&i.append(a(t.cursor)),i}function xe(e,t){let{fields:n}=t,i=n.name||n.email||Object.values(n)[0]||t.form,a=Object.entries(n).map(([l,c])=>[s("dt",{},l),s("dd",{},c)]),o=s("li",{class:"card message","data-errors":!0});return o.append(s("details",{},s("summary",{},s("strong",{},i.slice(0,120)),s("time",{class:"hint",datetime:t.at},P(t.at)),t.sent?w("ok",r("messages_sent")):w("waiting",r("messages_unsent"))),s("p",{class:"hint"},`${r("messages_form",{form:t.form})} · ${t.host}`),s("dl",{},a),E(e)&&s("div",{class:"actions"},ht(t,o)))),o}function ht(e,t){let n=p(r("delete"),async()=>{let i={title:r("messages_delete_title"),text:r("messages_delete_text"),confirm:r("delete"),danger:!0};await L(i)&&await m(n,async()=>{await v("DELETE",`/api/v1/inbox/${e.id}`),h(r("messages_deleted")),t.remove()})},{class:"quiet"});return n}async function ft(e){let{to:t}=await g("/api/v1/account/forms/recipients");if(!E(e))return s("ul",{},t.map(l=>s("li",{},l)));let n=s("textarea",{rows:3,autocomplete:"off",spellcheck:"false"},t.join(`\n`)),i=s("button",{},r("recipients_save")),a=p(r("recipients_test"),()=>m(a,async()=>{await _("/api/v1/inbox/test"),h(r("recipients_tested"))}),{class:"quiet"});return s("form",{onsubmit:l=>{l.preventDefault(),m(i,async()=>{let c=n.value.split(/[\\s,;]+/).filter(Boolean);await v("PUT","/api/v1/account/forms/recipients",{body:{to:c}}),h(r("saved"))})},class:"stack","data-errors":!0},A(r("recipients_label"),n,r("recipients_hint")),s("div",{class:"actions"},i,a))}var gt={html:"text/html; charset=utf-8",htm:"text/html; charset=utf-8",css:"text/css; charset=utf-8",js:"text/javascript; charset=utf-8",mjs:"text/javascript; charset=utf-8",json:"application/json",map:"application/json",webmanifest:"application/manifest+json",txt:"text/plain; charset=utf-8",vtt:"text/vtt; charset=utf-8",xml:"application/xml",svg:"image/svg+xml",png:"image/png",jpg:"image/jpeg",jpeg:"image/jpeg",gif:"image/gif",webp:"image/webp",avif:"image/avif",ico:"image/x-icon",woff:"font/woff",woff2:"font/woff2",ttf:"font/ttf",otf:"font/otf",mp4:"video/mp4",webm:"video/webm",mp3:"audio/mpeg",m4a:"audio/mp4",ogg:"audio/ogg",wav:"audio/wav",pdf:"application/pdf"};function _t(e){let t=e.slice(e.lastIndexOf("/")+1),n=t.lastIndexOf(".");return n>0?t.slice(n+1).toLowerCase():""}function Se(e){return gt[_t(e)]??null}var q=class extends Error{status;code;details;headers;constructor(t,n,i={},a={}){super(n),this.status=t,this.code=n,this.details=i,this.headers=a}};var bt=/[\\p{Cc}\\p{Cf}\\\\]/u,vt=512;function Ee(e){if(typeof e!="string"||e.length>vt||!e.startsWith("/")||e!==e.normalize("NFC")||bt.test(e)||/[?#%<>:"|*]/.test(e))throw K(e);let t=e.slice(1).split("/");if(t.some(n=>!n||/^\\.+$/.test(n)||n.trim()!==n)||t[0]?.toLowerCase()==="_sp")throw K(e);return e}function K(e){return new q(400,"bad_path",{path:String(e).slice(0,200)})}function Q(e){let t=Object.fromEntries(Object.entries(e.files).sort(([l],[c])=>l<c?-1:1)),{spa:n,slash:i,redirects:a,headers:o}=e.settings;return JSON.stringify({v:1,files:t,settings:{spa:n,slash:i,redirects:a,headers:o}})}function Te(e,t){let n=Object.keys(t).filter(o=>!e[o]).map(o=>({path:o,kind:"new"})),i=Object.keys(t).filter(o=>e[o]&&e[o].h!==t[o].h).map(o=>({path:o,kind:"changed"})),a=Object.keys(e).filter(o=>!t[o]).map(o=>({path:o,kind:"removed"}));return[...n,...i,...a].sort((o,l)=>o.path<l.path?-1:1)}function Me(e,t){return Q({...e,files:{}})===Q({...t,files:{}})}function De(e){let t=e.filter(({path:o})=>!o.split("/").some(l=>l.startsWith(".")||l==="Thumbs.db"||l==="__MACOSX")),n=new Set(t.map(({path:o})=>o.includes("/")?o.slice(0,o.indexOf("/")):"")),[i]=n,a=n.size===1&&i;return t.map(({path:o,file:l})=>({path:`/${a?o.slice(i.length+1):o}`.normalize("NFC"),file:l}))}function Pe(e,t){let n=[];return{taken:e.filter(({path:a,file:o})=>{let l=yt(a,o,t);return l&&n.push({path:a,reason:l}),!l}),refused:n}}function yt(e,t,n){if(!Se(e))return"type";if(t.size>n)return"size";try{return Ee(e),null}catch{return"name"}}function Le(e){return e.settings.redirects.map(({from:t,to:n,status:i})=>`${t} ${n}${i===301?"":` ${i}`}`).join(`\n`)}function Ae(e){return e.split(`\n`).map(n=>n.trim()).filter(Boolean).map(n=>{let[i="",a="",o="301"]=n.split(/\\s+/);return{from:i,to:a,status:Number(o)}})}var wt=6,R=500,xt=6;async function He(e){let t=[];for(let n of e){let i=await crypto.subtle.digest("SHA-256",await n.file.arrayBuffer()),a=Array.from(new Uint8Array(i),o=>o.toString(16).padStart(2,"0")).join("");t.push({...n,sha256:a})}return t}async function Ie(e,t,n,i){await kt(e,n,i),i.throwIfAborted();let a=await V();for(let o=0;o<Math.max(e.length,1);o+=R){let l=e.slice(o,o+R).map(({path:u,sha256:d})=>({path:u,sha256:d})),c=o+R>=e.length;a={...a,etag:await I(a,{put:l,delete:c?t:[]})}}}async function kt(e,t,n){let i=[...new Map(e.map(d=>[d.sha256,d])).values()],a=await St(i),o=i.filter(d=>a.has(d.sha256)),l=o.length,c=0;t({done:c,all:l,waiting:!1});let u=async()=>{for(let d=o.shift();d;d=o.shift())await Et(d,n,y=>t({done:c,all:l,waiting:y})),c+=1,t({done:c,all:l,waiting:!1})};await Promise.all(Array.from({length:wt},u))}async function St(e){let t=new Set;for(let n=0;n<e.length;n+=R){let i=e.slice(n,n+R).map(o=>o.sha256),{missing:a}=await _("/api/v1/blobs/check",{hashes:i});for(let o of a)t.add(o)}return t}async function Et(e,t,n){for(let i=1;;i+=1)try{return await v("PUT",`/api/v1/blobs/${e.sha256}`,{raw:e.file,signal:t}),n(!1)}catch(a){if(!(a instanceof S&&(a.status===429||a.status===0||a.status>=500))||i===xt)throw a;n(!0),await Tt(Math.min(20,Number(a.details.retry_after??i))*1e3,t)}}function Tt(e,t){return new Promise((n,i)=>{let a=setTimeout(n,e);t.addEventListener("abort",()=>{clearTimeout(a),i(t.reason)},{once:!0})})}async function Re(e,t){let n=Object.keys(e.manifest.files).filter(o=>!t.files[o]),i=Object.entries(t.files).filter(([o,l])=>e.manifest.files[o]?.h!==l.h).map(([o,l])=>({path:o,sha256:l.h})),a=e;for(let o=0;o===0||o<i.length;o+=R){let l={put:i.slice(o,o+R),delete:o===0?n:[],settings:t.settings};a={...a,etag:await I(a,l)}}}async function Ce(e){let t=[...e.items].map(n=>n.webkitGetAsEntry()).filter(n=>n!==null);return(await Promise.all(t.map(n=>ze(n)))).flat()}async function ze(e){if(e.isFile){let i=await new Promise((a,o)=>e.file(a,o));return[{path:e.fullPath.replace(/^\\//,""),file:i}]}let t=e.createReader(),n=[];for(;;){let i=await new Promise((a,o)=>t.readEntries(a,o));if(!i.length)return n;n.push(...(await Promise.all(i.map(a=>ze(a)))).flat())}}function ee(e){return[...e.files??[]].map(t=>({path:t.webkitRelativePath||t.name,file:t}))}function te(e){if(e.role!=="owner"||["frozen","gone"].includes(e.tenant.status))return null;let t=s("div",{}),n=()=>t.replaceChildren(x(Mt)),i=p(r("exports_start"),()=>m(i,async()=>{await _("/api/v1/account/exports"),h(r("exports_started")),n()}));return n(),s("section",{class:"card","aria-labelledby":"exports","data-errors":!0},s("h2",{id:"exports"},r("exports_title")),s("p",{class:"hint"},r("exports_lead")),t,s("div",{class:"actions"},i))}async function Mt(){let{exports:e}=await g("/api/v1/account/exports");return e.length?s("ul",{class:"plain stack"},e.map(Dt)):s("p",{},r("exports_none"))}function Dt({created_at:e,state:t,bytes:n,url:i}){let a=t==="ready"?"ok":t==="failed"?"danger":"running",o=i&&/^https?:\\/\\//.test(i)&&s("a",{href:i,rel:"noopener"},r("exports_download"));return s("li",{class:"heading"},s("time",{datetime:e},P(e)),w(a,r(`exports_${t}`)),n!==null&&s("span",{class:"hint"},k(n)),t==="ready"&&o)}var ne=100;function Ne(e,t,n){let i=Object.keys(e.manifest.files).sort();if(!i.length)return null;let a=s("div",{}),o=s("input",{type:"search","aria-label":r("files_filter"),placeholder:r("files_filter"),autocomplete:"off"}),l=c=>{let u=i.filter(O=>O.toLowerCase().includes(o.value.trim().toLowerCase())),d=u.length-c,y=d>0?p(`${r("more")} (${b(d)})`,()=>l(c+ne),{class:"quiet"}):null;f(a,u.length?Pt(e,u.slice(0,c),t,n):s("p",{},r("files_none")),y)};return o.addEventListener("input",()=>l(ne)),l(ne),s("section",{class:"card","aria-labelledby":"files"},s("div",{class:"heading"},s("h2",{id:"files"},r("files_title")),i.length>10&&o),a)}function Pt(e,t,n,i){let a=l=>s("tr",{},s("th",{scope:"row",class:"path"},l),s("td",{class:"number","data-label":r("files_size")},k(e.manifest.files[l].s)),n&&s("td",{class:"number","data-errors":!0},Lt(e,l,i))),o=s("tr",{},s("th",{scope:"col"},r("files_path")),s("th",{scope:"col",class:"number"},r("files_size")),n&&s("th",{scope:"col",class:"number"},s("span",{class:"vh"},r("files_action"))));return s("table",{},s("caption",{class:"vh"},r("files_title")),s("thead",{},o),s("tbody",{},t.map(a)))}function Lt(e,t,n){let i=p("",()=>m(i,async()=>{await I(e,{delete:[t]}),h(r("files_deleted",{path:t})),n()}),{class:"quiet small","aria-label":r("files_delete",{path:t}),title:r("files_delete",{path:t})});return i.append(T("bin")),i}var At=["add","strip","keep"];function Fe(e,t,n){let{settings:i}=t.manifest,a=s("select",{},At.map(d=>s("option",{value:d,selected:d===i.slash},r(`settings_slash_${d}`)))),o=s("input",{type:"checkbox",checked:i.spa,disabled:!e.features.spa}),l=s("textarea",{rows:5,spellcheck:"false",class:"code"},Le(t.manifest)),c=s("button",{},r("settings_save")),u=d=>{d.preventDefault(),m(c,async()=>{let y={slash:a.value,spa:o.checked,redirects:Ae(l.value)};await I(t,{settings:y}),h(r("saved")),n()})};return s("details",{class:"card"},s("summary",{},r("settings_title")),s("form",{onsubmit:u,class:"stack","data-errors":!0},A(r("settings_slash"),a),s("label",{class:"check"},o,s("span",{},r("settings_spa"),!e.features.spa&&s("span",{class:"hint"}," ",r("settings_spa_hint")))),A(r("settings_redirects"),l,r("settings_redirects_hint")),s("div",{class:"actions"},c)))}function Be(e,t,n){let i=s("div",{class:"stage"}),a=u=>{It(i,e,t,u,n)},o=s("input",{type:"file",multiple:!0,class:"vh",tabindex:"-1","aria-hidden":"true",onchange:()=>a(ee(o))}),l=s("input",{type:"file",multiple:!0,webkitdirectory:!0,class:"vh",tabindex:"-1","aria-hidden":"true",onchange:()=>a(ee(l))}),c=s("div",{class:"drop"},T("upload"),s("p",{},r("upload_drop")),s("p",{class:"hint"},r("upload_or")),s("div",{class:"actions"},p(r("upload_files"),()=>o.click()),p(r("upload_folder"),()=>l.click())),o,l,s("p",{class:"hint"},r("upload_hint",{max:k(e.limits.file_bytes)})));return Ht(c,a),s("section",{class:"card","aria-labelledby":"upload"},s("h2",{id:"upload"},r("upload_title")),c,i)}function Ht(e,t){let n=i=>a=>{a.preventDefault(),e.classList.toggle("over",i)};e.addEventListener("dragenter",n(!0)),e.addEventListener("dragover",n(!0)),e.addEventListener("dragleave",n(!1)),e.addEventListener("drop",i=>{n(!1)(i),i.dataTransfer&&Ce(i.dataTransfer).then(t)})}async function It(e,t,n,i,a){f(e,s("p",{role:"status"},r("plan_reading")));let{taken:o,refused:l}=Pe(De(i),t.limits.file_bytes);try{let c=t.limits.file_bytes;Ct(e,{...Rt(n,await He(o)),refused:l,max:c},a)}catch(c){f(e,H(c))}}function Rt(e,t){let n=e.manifest.files,i=t.filter(({path:c})=>!n[c]).length,a=t.filter(({path:c,sha256:u})=>n[c]&&n[c].h!==u).length,o=new Set(t.map(({path:c})=>c)),l=Object.keys(n).filter(c=>!o.has(c));return{files:t,fresh:i,changed:a,same:t.length-i-a,absent:l}}function Ct(e,t,n){let{fresh:i,changed:a,same:o,absent:l}=t,c=s("input",{type:"checkbox"}),u=!i&&!a&&!l.length,d=p(r("plan_go"),()=>Oe(e,t,c.checked,n),{class:"primary"}),y=s("h3",{tabindex:"-1"},r("plan_title"));f(e,y,s("p",{},u?r("plan_nothing"):r("plan_summary",{new:b(i),changed:b(a),same:b(o)})),zt(t),l.length>0&&t.files.length>0&&s("label",{class:"check"},c,s("span",{},r("plan_replace",{n:b(l.length)}))),s("div",{class:"actions"},!u&&d,p(r("cancel"),()=>f(e),{class:"quiet"}))),y.focus()}function zt({refused:e,max:t}){if(!e.length)return null;let n=({path:i,reason:a})=>s("li",{},s("span",{class:"path"},i),s("span",{class:"hint"}," · ",r(`refused_${a}`,{max:k(t)})));return s("details",{class:"refused"},s("summary",{},W("plan_refused",e.length)),s("ul",{},e.slice(0,100).map(n)))}async function Oe(e,t,n,i){let a=new AbortController,o=s("progress",{max:Math.max(1,t.files.length),value:0}),l=s("p",{}),c=s("label",{},l,o);f(e,c,s("div",{class:"actions"},p(r("cancel"),()=>a.abort(),{class:"quiet"})));try{await Ie(t.files,n?t.absent:[],({done:u,all:d,waiting:y})=>{o.max=Math.max(1,d),o.value=u,l.textContent=y?r("upload_waiting"):r("uploading",{done:b(u),all:b(d)})},a.signal),h(r("upload_done")),i()}catch(u){a.signal.aborted?f(e,s("p",{role:"status"},r("upload_stopped"))):f(e,H(u,()=>Oe(e,t,n,i)))}F(e.textContent??"")}var U=12;function We(e){let t=s("h1",{},r("site_title"));if(e.tenant.status==="offboarding")return s("div",{class:"stack"},t,te(e));let n=s("div",{}),i=()=>n.replaceChildren(x(async()=>Ft(await Nt(e),i)));return i(),s("div",{class:"stack"},t,n,te(e))}async function Nt(e){let[t,n]=await Promise.all([g("/api/v1/site"),V()]),i=t.live?await g(`/api/v1/releases/${t.live.release}`):null,a=Te(i?.files??{},n.manifest.files),o=i!==null&&!Me(i,n.manifest);return{session:e,site:t,draft:n,live:i,changes:a,settings:o}}function Ft(e,t){let{session:n,draft:i}=e,a=E(n);return s("div",{class:"stack"},s("div",{class:"pair"},Bt(e),Ot(e,t)),a&&Be(n,i,t),qt(e),Ne(i,a,t),a&&Fe(n,i,t))}function Bt({site:e}){let{live:t,url:n}=e;return s("section",{class:"card","aria-labelledby":"live"},s("h2",{id:"live"},r("live_title")),t?[s("p",{},w("ok",r("live_version",{n:t.n}))," ",s("span",{class:"hint"},r("live_since",{when:P(t.at)}))),s("p",{class:"address"},s("a",{href:n,target:"_blank",rel:"noopener"},n))]:[s("p",{},r("live_none")),s("p",{class:"hint"},r("live_none_hint"))])}function Ot(e,t){let{session:n,draft:i,changes:a,settings:o}=e,l=a.length+(o?1:0),c=Object.keys(i.manifest.files).length>0,u=c?l?W("draft_changes",l):r("draft_same"):r("draft_empty");return s("section",{class:"card","aria-labelledby":"draft","data-errors":!0},s("h2",{id:"draft"},r("draft_title")),s("p",{},u),Wt(a,o),s("div",{class:"actions"},E(n)&&l>0&&c&&jt(e,t),c&&n.features.preview&&Vt(),E(n)&&l>0&&e.live&&$t(e,e.live,t)))}function Wt(e,t){let n={new:"+",changed:"~",removed:"−"},i=({path:u,kind:d})=>s("li",{class:d},s("span",{class:"sign","aria-hidden":"true"},n[d]),s("span",{class:"path"},u),s("span",{class:"hint"},r(`change_${d}`))),a=e.map(i),o=t?s("li",{class:"changed"},s("span",{class:"sign","aria-hidden":"true"},"~"),r("draft_settings")):null,l=s("ul",{class:"changes"},o,a.slice(0,U));if(a.length<=U)return a.length||o?l:null;let c=p(`${r("more")} (${b(a.length-U)})`,()=>{l.append(...a.slice(U)),c.remove()},{class:"quiet"});return[l,c]}function jt({site:e,draft:t},n){let i=p(r("publish"),async()=>{await L({title:r("publish_title"),text:r("publish_text"),confirm:r("publish")})&&(F(r("publishing")),await m(i,async()=>{let a={draft_etag:t.etag.replaceAll(\'"\',""),expect_live:e.live?.release??null},{n:o}=await _("/api/v1/publish",a);h(r("published",{n:o})),n()}))},{class:"primary"});return i.prepend(T("upload")),i}function Vt(){let e=p(r("preview"),()=>{let t=window.open("about:blank","_blank");return t&&(t.opener=null),m(e,async()=>{let{url:n}=await _("/api/v1/preview").catch(i=>{throw t?.close(),i});t?t.location.replace(n):e.after(s("p",{},r("preview_blocked")," ",s("a",{href:n,target:"_blank",rel:"noopener"},r("preview_link"))))})});return e}function $t({draft:e,changes:t},n,i){let a=p(r("discard"),async()=>{let o={title:r("discard_title"),text:r("discard_text",{n:t.length}),confirm:r("discard"),danger:!0};await L(o)&&await m(a,async()=>{await Re(e,n),h(r("discarded")),i()})},{class:"quiet"});return a}function qt({session:e,draft:t}){let n=Object.values(t.manifest.files),i=n.reduce((c,u)=>c+u.s,0),{site_bytes:a,files:o}=e.limits,l=(c,u,d)=>s("label",{},c,s("meter",{min:0,max:d,high:d*.9,value:u}));return s("section",{class:"card meters","aria-labelledby":"usage"},s("h2",{id:"usage"},r("usage_title")),l(r("usage_bytes",{used:k(i),max:k(a)}),i,a),l(r("usage_files",{used:b(n.length),max:b(o)}),n.length,o))}function je(e){let t=s("div",{}),n=()=>t.replaceChildren(x(()=>Kt(e,n)));return n(),s("div",{class:"stack"},s("h1",{},r("versions_title")),s("p",{class:"lead"},r("versions_lead")),t)}async function Kt(e,t){let{releases:n}=await g("/api/v1/releases"),i=n.find(a=>a.live);return i?s("ol",{class:"timeline",reversed:!0},n.map(a=>Ut(e,a,i,t))):s("p",{class:"card"},r("versions_none"))}function Ut(e,t,n,i){let a=[r("versions_facts",{files:b(t.files),bytes:k(t.bytes)}),Yt(e,t),Zt(t)];return s("li",{class:"card","data-errors":!0},s("div",{class:"heading"},s("h2",{},r("live_version",{n:t.n})),t.live&&w("ok",r("versions_live"))),s("p",{},s("time",{datetime:t.at},P(t.at))),s("p",{class:"hint"},a.filter(Boolean).join(" · ")),!t.live&&E(e)&&s("div",{class:"actions"},Gt(t,n,i)))}function Yt(e,{by:t}){return t===e.user.id?r("versions_by_me"):t==="control-plane"?r("versions_by_us"):r("versions_by_team")}function Zt(e){return e.kind==="rollback"?r("versions_kind_rollback"):e.kind==="restore"?r("versions_kind_restore"):""}function Gt(e,t,n){let i=p(r("rollback"),async()=>{let a={title:r("rollback_title",{n:e.n}),text:r("rollback_text",{when:P(e.at)}),confirm:r("rollback")};await L(a)&&await m(i,async()=>{let{n:o}=await _("/api/v1/rollback",{release:e.release,expect_live:t.release});h(r("rolled_back",{n:o})),n()})});return i}var Ve={"/":We,"/versions":je,"/messages":ke,"/domains":ye,"/invoices":we},C=null,Jt=new URLSearchParams(location.search).get("problem");function B(){if(!C)return ve(Jt,B);let e=$.find(({path:t})=>t===location.pathname)??$[0];document.title=`${r(e.title)} · ${C.tenant.slug} · ${r("app")}`,_e(C,e.path,Ve[e.path](C),B)}function Xt(e){let t=e.target?.closest?.("a"),n=e.button===0&&!e.metaKey&&!e.ctrlKey&&!e.shiftKey&&!e.altKey;!t||!n||t.target||!C||t.origin!==location.origin||!Ve[t.pathname]||t.hash||(e.preventDefault(),t.pathname!==location.pathname&&history.pushState(null,"",t.pathname),B(),document.getElementById("main")?.focus(),scrollTo(0,0))}async function $e(){X(),N(fe()),f(document.getElementById("app"),s("main",{class:"splash",id:"main"},s("p",{role:"status"},r("loading"))));try{C=await de(),B()}catch(e){f(document.getElementById("app"),s("main",{class:"splash",id:"main"},H(e,$e),s("a",{href:"/auth/login"},r("sign_in"))))}}document.addEventListener("click",Xt);addEventListener("popstate",B);addEventListener("pageshow",e=>{e.persisted&&location.reload()});$e();\n' }, "app-d97058ec09ee.css": { "type": "text/css; charset=utf-8", "body": ':root{color-scheme:light dark;--bg: #ffffff;--sunken: #f5f6f8;--raised: #ffffff;--ink: #161b22;--muted: #515a67;--line: #d5d9e0;--control: #767f8d;--accent: #0b57c9;--accent-tint: #eaf1fc;--on-accent: #ffffff;--ok: #116a38;--ok-tint: #e6f5ec;--waiting: #7a4d00;--waiting-tint: #fdf2dc;--yours: #6b2fb3;--yours-tint: #f3ebfc;--danger: #b3201d;--danger-tint: #fdeceb;--on-danger: #ffffff;--off: #515a67;--off-tint: #eef0f3;--font: system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;--mono: ui-monospace, "Cascadia Mono", Menlo, monospace}@media(prefers-color-scheme:dark){:root:not([data-theme=light]){--bg: #0f1318;--sunken: #0a0d11;--raised: #171c23;--ink: #e8ebef;--muted: #a3adba;--line: #2d3540;--control: #7d8897;--accent: #7fb0ff;--accent-tint: #132440;--on-accent: #0a0d11;--ok: #63cf8f;--ok-tint: #0f2a1a;--waiting: #f0b54a;--waiting-tint: #332408;--yours: #c9a3ff;--yours-tint: #291a42;--danger: #ff8a80;--danger-tint: #3a1512;--on-danger: #0a0d11;--off: #a3adba;--off-tint: #1f262f}}:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark;--bg: #0f1318;--sunken: #0a0d11;--raised: #171c23;--ink: #e8ebef;--muted: #a3adba;--line: #2d3540;--control: #7d8897;--accent: #7fb0ff;--accent-tint: #132440;--on-accent: #0a0d11;--ok: #63cf8f;--ok-tint: #0f2a1a;--waiting: #f0b54a;--waiting-tint: #332408;--yours: #c9a3ff;--yours-tint: #291a42;--danger: #ff8a80;--danger-tint: #3a1512;--on-danger: #0a0d11;--off: #a3adba;--off-tint: #1f262f}@layer reset,base,layout,components;@layer reset{*,:before,:after{box-sizing:border-box}body,h1,h2,h3,p,ul,ol,dl,dd{margin:0}button,input,select,textarea{font:inherit;color:inherit}[hidden]{display:none}}@layer base{html{font:1rem/1.5 var(--font);-webkit-text-size-adjust:100%}body{background:var(--sunken);color:var(--ink);min-height:100vh;min-height:100svh;overflow-wrap:break-word}h1,h2,h3{font-weight:600;line-height:1.2;text-wrap:balance}h1{font-size:1.75rem}h2{font-size:1.125rem}h3{font-size:1rem}p{max-width:68ch;text-wrap:pretty}a{color:var(--accent);text-underline-offset:.15em}code,.code{font-family:var(--mono);font-size:.875rem}:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}main:focus{outline:none}.icon{width:1.25em;height:1.25em;flex:none;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;vertical-align:-.25em}.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.hint{color:var(--muted);font-size:.875rem}.lead{color:var(--muted)}.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}.path{font-weight:400;overflow-wrap:anywhere}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;z-index:3;background:var(--raised);padding:.5rem 1rem}}@layer layout{header{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;padding:.75rem 1rem;background:var(--bg);border-bottom:1px solid var(--line)}.brand{display:inline-flex;align-items:center;gap:.5rem;font-weight:600;color:inherit;text-decoration:none;padding-block:.375rem}.mark{display:inline-block;width:1.5rem;height:1.5rem;border-radius:.4rem;background:linear-gradient(var(--on-accent),var(--on-accent)) 30% 32% / 60% 2px no-repeat,linear-gradient(var(--on-accent),var(--on-accent)) 30% 50% / 60% 2px no-repeat,linear-gradient(var(--on-accent),var(--on-accent)) 26% 68% / 38% 2px no-repeat,var(--accent)}.tenant{color:var(--muted);font-size:.875rem;overflow-wrap:anywhere}.account{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;margin-inline-start:auto}.who{color:var(--muted);font-size:.875rem}.columns{max-width:1120px;margin-inline:auto;min-height:70vh}nav ul{list-style:none;padding:.5rem .5rem 0;display:flex;flex-wrap:wrap;gap:0 .25rem}nav a{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;padding:.25rem .75rem;border-radius:6px;color:var(--muted);text-decoration:none;white-space:nowrap}nav a:hover{background:var(--off-tint);color:var(--ink)}nav a[aria-current]{background:var(--accent-tint);color:var(--accent);font-weight:600}main{padding:1.5rem 1rem 3rem;min-width:0}footer{max-width:1120px;margin-inline:auto;padding:1rem;color:var(--muted);font-size:.875rem}.stack,.pair{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)}.heading{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem}.heading>input{margin-inline-start:auto;max-width:16rem}.splash{min-height:100vh;min-height:100svh;display:grid;place-content:center;justify-items:start;gap:1rem;padding:2rem;max-width:36rem;margin-inline:auto}.splash .mark{width:3rem;height:3rem;border-radius:.75rem}.splash h1{font-size:clamp(2rem,1.4rem + 2.6vw,3.25rem)}@media(max-width:35.99rem){nav .icon,.account .icon,.who{display:none}nav a{padding-inline:.5rem}.account{flex-basis:100%;gap:0 .25rem}.account>:last-child{margin-inline-start:auto}}@media(min-width:36rem){.pair{grid-template-columns:repeat(2,minmax(0,1fr))}}@media(min-width:52rem){.columns{display:grid;grid-template-columns:13rem minmax(0,1fr)}nav ul{flex-direction:column;gap:.25rem;padding:1.5rem 0 0 1rem;position:sticky;top:0}nav a{width:100%}main{padding:1.5rem 1.5rem 4rem}header{padding-inline:1.5rem}}}@layer components{.card{background:var(--raised);border:1px solid var(--line);border-radius:10px;padding:1rem 1.25rem;display:grid;gap:.75rem;grid-template-columns:minmax(0,1fr);align-content:start}details.card{display:block}details.card>form{margin-top:1rem}summary{cursor:pointer;font-weight:600;min-height:1.75rem}.plain{list-style:none;padding:0}button,.button{display:inline-flex;align-items:center;justify-content:center;gap:.5rem;min-height:2.5rem;padding:.375rem 1rem;border-radius:6px;border:1px solid var(--control);background:var(--raised);color:var(--ink);font-weight:600;text-decoration:none;cursor:pointer}button:hover,.button:hover{background:var(--off-tint)}button.primary,.button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}button.primary:hover,.button.primary:hover{filter:brightness(1.08);background:var(--accent)}button.danger{background:var(--danger);border-color:var(--danger);color:var(--on-danger)}button.quiet,.button.quiet{border-color:transparent;background:transparent;color:var(--accent)}@media(max-width:35.99rem){.account .quiet{padding-inline:.375rem;font-size:.875rem}}button.quiet:hover,.button.quiet:hover{background:var(--accent-tint)}button.small{min-height:2rem;padding:.125rem .5rem;font-size:.875rem}button[aria-pressed=true]{background:var(--accent-tint)}button[aria-disabled=true]{opacity:.6;cursor:progress}.actions{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}.languages{display:inline-flex;gap:.25rem}@media(pointer:coarse){button,.button,select,input:not([type=checkbox]){min-height:2.75rem}button.small{min-height:2.75rem}}input:not([type=checkbox]),select,textarea{background:var(--bg);border:1px solid var(--control);border-radius:6px;padding:.375rem .625rem;min-height:2.5rem;max-width:100%}input[type=checkbox]{width:1.25rem;height:1.25rem;accent-color:var(--accent);flex:none}textarea,.field input,.field select{width:100%}.field{display:grid;gap:.25rem;max-width:40rem}.field>label{font-weight:600}.check{display:flex;gap:.625rem;align-items:start;max-width:40rem}.pill{display:inline-flex;align-items:center;gap:.25rem;border-radius:999px;padding:.125rem .625rem .125rem .375rem;font-size:.8125rem;font-weight:600;background:var(--off-tint);color:var(--off);white-space:nowrap}.pill.ok{background:var(--ok-tint);color:var(--ok)}.pill.running{background:var(--accent-tint);color:var(--accent)}.pill.yours{background:var(--yours-tint);color:var(--yours)}.pill.waiting{background:var(--waiting-tint);color:var(--waiting)}.pill.danger{background:var(--danger-tint);color:var(--danger)}.banner{background:var(--waiting-tint);color:var(--waiting);border-radius:10px;padding:.75rem 1.25rem;margin-bottom:1rem;display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}.banner a{color:inherit;font-weight:600}.errors{background:var(--danger-tint);border-inline-start:4px solid var(--danger);border-radius:6px;padding:.75rem 1rem;display:grid;gap:.5rem;justify-items:start;flex-basis:100%}.errors h2{font-size:1rem;color:var(--danger)}.drop{border:2px dashed var(--control);border-radius:10px;padding:1.5rem 1rem;display:grid;gap:.5rem;justify-items:center;text-align:center;position:relative;transition:background .15s,border-color .15s}.drop>.icon{width:2.25rem;height:2.25rem;color:var(--accent);stroke-width:1.5}.drop.over{background:var(--accent-tint);border-color:var(--accent);border-style:solid}.drop .actions{justify-content:center}.stage{display:grid;gap:.75rem}.stage:empty{display:none}.stage label{display:grid;gap:.375rem}.stage label.check{display:flex}progress,meter{width:100%;height:.75rem}progress{accent-color:var(--accent)}.meters label{display:grid;gap:.25rem;font-size:.875rem;color:var(--muted)}.changes{list-style:none;padding:0;display:grid;gap:.25rem}.changes li{display:grid;grid-template-columns:1.25rem minmax(0,1fr) auto;gap:.25rem .5rem;align-items:baseline}.sign{font-family:var(--mono);font-weight:600;text-align:center;border-radius:4px}.new .sign{background:var(--ok-tint);color:var(--ok)}.changed .sign{background:var(--accent-tint);color:var(--accent)}.removed .sign{background:var(--danger-tint);color:var(--danger)}.refused ul{max-height:14rem;overflow:auto}.address{overflow-wrap:anywhere}table{width:100%;border-collapse:collapse}caption{text-align:start;padding-block:.5rem;font-weight:600}th,td{text-align:start;padding:.375rem .5rem;border-top:1px solid var(--line);vertical-align:middle}thead th{border-top:0;color:var(--muted);font-size:.8125rem;font-weight:600}th.number,td.number{text-align:end}.copyable{display:inline-flex;flex-wrap:wrap;align-items:center;gap:.25rem .5rem}.copyable code{overflow-wrap:anywhere;user-select:all}@media(max-width:35.99rem){.stacking thead{display:none}.stacking tr{display:grid;padding-block:.5rem;border-top:1px solid var(--line)}.stacking td,.stacking th{border:0;padding-block:.125rem;text-align:start}.stacking td[data-label]:before{content:attr(data-label) ": ";color:var(--muted);font-size:.8125rem;display:block}}.timeline{list-style:none;padding:0;display:grid;gap:.75rem}.message summary{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;font-weight:400}.message time{margin-inline-start:auto}.message dl{display:grid;gap:.125rem;margin-block:.75rem}.message dt{color:var(--muted);font-size:.8125rem;margin-top:.5rem}.message dd{white-space:pre-wrap;overflow-wrap:anywhere}dialog{border:0;border-radius:10px;padding:1.5rem;background:var(--raised);color:var(--ink);max-width:min(32rem,calc(100vw - 2rem));box-shadow:0 1rem 3rem #0000004d}dialog::backdrop{background:#0a0d1180}dialog form{display:grid;gap:1rem}dialog .actions{justify-content:flex-end;flex-direction:row-reverse}#toasts{position:fixed;inset:auto 1rem 1rem;display:grid;gap:.5rem;justify-items:center;pointer-events:none;z-index:2}.toast{pointer-events:auto;display:flex;align-items:center;gap:.5rem;background:var(--ink);color:var(--bg);border-radius:6px;padding:.375rem .5rem .375rem 1rem;box-shadow:0 .5rem 1.5rem #00000040}.toast button{color:inherit;min-height:2rem;padding-inline:.5rem}.toast button:hover{background:transparent;text-decoration:underline}@media(prefers-reduced-motion:reduce){*{transition:none!important}}@media(forced-colors:active){.pill,.card,.banner{border:1px solid}nav a[aria-current]{text-decoration:underline}}}\n' }, "icon-246cbe5fa722.svg": { "type": "image/svg+xml", "body": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b57c9"/><path d="M9 10.5h14M9 16h14M9 21.5h8" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>\n' } };

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
  return new Response(html, {
    status: VIEWS.includes(path) ? 200 : 404,
    headers: { ...headers(env), "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }
  });
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
  const isPortal = portalOrigin(env, url) !== void 0;
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
