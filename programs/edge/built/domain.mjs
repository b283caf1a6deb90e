// src/shared/crypto.ts
var text = new TextEncoder();
function b64url(bytes) {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
function unb64(value) {
  const plain = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
}
function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? text.encode(data) : data));
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

// src/shared/errors.ts
var Problem = class extends Error {
  status;
  code;
  details;
  headers;
  constructor(status, code, details = {}, headers = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
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
function json(body, status = 200, headers = {}) {
  const all = new Headers(headers);
  all.set("content-type", "application/json");
  all.set("cache-control", "no-store");
  all.set("x-content-type-options", "nosniff");
  return new Response(JSON.stringify(body), { status, headers: all });
}
function problemResponse(error, request) {
  const problem = error instanceof Problem ? error : new Problem(500, "internal_error");
  if (!(error instanceof Problem)) {
    console.error(JSON.stringify({ level: "error", event: "unhandled", error: describe(error), request_id: requestId(request) }));
  }
  const { status, code, details, headers } = problem;
  return json({ error: { code, message: messageOf(code), details, request_id: requestId(request) } }, status, headers);
}
function messageOf(code) {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1) + ".";
}
function requestId(request) {
  return request.headers.get("cf-ray") ?? "local";
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
var SHA = /^[0-9a-f]{64}$/;
var RELEASE = /^r[1-9]\d{0,8}-[0-9a-f]{12}$/;
function checked(pattern, value, code) {
  if (!pattern.test(value)) throw new Problem(400, code);
  return value;
}
var home = (tid) => `t/${checked(TENANT, tid, "bad_tenant")}/`;
var blobKey = (tid, sha) => `${home(tid)}b/${checked(SHA, sha, "bad_hash")}`;
var draftKey = (tid) => `${home(tid)}draft.json`;
var liveKey = (tid) => `${home(tid)}live.json`;
var manifestKey = (tid, release) => `${home(tid)}m/${checked(RELEASE, release, "bad_release")}.json`;

// src/shared/entitlements.ts
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
var CLOSED = {
  provisioning: { status: 503, retryAfter: 30, page: "setup" },
  active: null,
  past_due: null,
  suspended: { status: 503, retryAfter: 3600, page: "paused" },
  frozen: { status: 503, page: "paused" },
  offboarding: { status: 410, page: "gone" },
  gone: { status: 404, page: "unknown" }
};
function closed(status) {
  return CLOSED[status];
}
async function readTenant(routing, tid) {
  if (!TENANT.test(tid)) return null;
  return routing.get(`t:${tid}`, { type: "json", cacheTtl: 60 });
}

// src/shared/paths.ts
var UNSAFE = /[\p{Cc}\p{Cf}\\]/u;
var MAX_PATH = 512;
function requestPath(pathname) {
  let path;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (path.length > MAX_PATH || UNSAFE.test(path)) return null;
  if (path.split("/").some((segment) => segment === ".." || segment === ".")) return null;
  return path;
}
function ownPath(value) {
  if (!value || value.length > MAX_PATH || !/^\/(?![/\\])/.test(value) || UNSAFE.test(value)) return "/";
  const url = new URL(value, "https://own.invalid");
  return url.origin === "https://own.invalid" && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}

// src/shared/ranges.ts
function parseRange(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === void 0 || last === void 0 || !first && !last) return null;
  if (!first) return suffix(Number(last), size);
  const from = Number(first);
  const to = last ? Math.min(Number(last), size - 1) : size - 1;
  if (last && Number(last) < from) return null;
  return from >= size ? "unsatisfiable" : { offset: from, length: to - from + 1 };
}
function suffix(count, size) {
  if (count === 0 || size === 0) return "unsatisfiable";
  const length = Math.min(count, size);
  return { offset: size - length, length };
}

// src/shared/tenant-headers.ts
var ALLOWED = /* @__PURE__ */ new Set([
  "access-control-allow-origin",
  "access-control-expose-headers",
  "cache-control",
  "content-disposition",
  "content-language",
  "content-security-policy",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "link",
  "permissions-policy",
  "timing-allow-origin",
  "x-robots-tag"
]);
function headerAllowed(name) {
  return ALLOWED.has(name.toLowerCase());
}

// src/domain/resolve.ts
function resolve(manifest, path, search, spa) {
  const { redirects } = manifest.settings;
  const rule = redirects.find(({ from }) => from === path) ?? redirects.find(({ from }) => matches(from, path));
  const target = rule && redirectTarget(rule, path);
  if (rule && target) return { kind: "redirect", to: target, status: rule.status };
  return page(manifest, path, search) ?? (spa ? singlePage(manifest, path) : null) ?? notFound(manifest);
}
function matches(pattern, path) {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}
function redirectTarget(rule, path) {
  if (!rule.to.endsWith("*")) return rule.to;
  const rest = encodeURI(path.slice(rule.from.length - 1)).replace(/^\/+/, "");
  const target = rule.to.slice(0, -1) + rest;
  if (target.startsWith("https://")) return target;
  const own = ownPath(target);
  return own === encodeURI(path) ? null : own;
}
function page(manifest, path, search) {
  const { files, settings } = manifest;
  const stem = path.replace(/\/$/, "");
  if (!path.endsWith("/") && files[path]) return file(manifest, path);
  if (files[`${stem}/index.html`]) {
    const wanted = settings.slash === "add" ? `${stem}/` : settings.slash === "strip" ? stem || "/" : path;
    return wanted === path ? file(manifest, `${stem}/index.html`) : { kind: "redirect", to: encodeURI(wanted) + search, status: 308 };
  }
  if (!stem || !files[`${stem}.html`]) return null;
  return path === stem ? file(manifest, `${stem}.html`) : { kind: "redirect", to: encodeURI(stem) + search, status: 308 };
}
function file(manifest, path) {
  return { kind: "file", path, file: manifest.files[path], status: 200 };
}
function singlePage(manifest, path) {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return !last.includes(".") && manifest.files["/index.html"] ? file(manifest, "/index.html") : null;
}
function notFound(manifest) {
  const own = manifest.files["/404.html"];
  return own ? { kind: "file", path: "/404.html", file: own, status: 404 } : { kind: "missing" };
}

// src/domain/headers.ts
function securityHeaders(place) {
  const always = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "SAMEORIGIN"
  };
  if (!place?.https) return always;
  const own = place.entry.kind === "own";
  return { ...always, "strict-transport-security": own ? "max-age=31536000" : "max-age=31536000; includeSubDomains" };
}
function fileHeaders(manifest, path, type, place) {
  const preview = place.entry.kind === "preview";
  const headers = new Headers({ "cache-control": freshness(path, type) });
  for (const rule of manifest.settings.headers.filter((candidate) => matches(candidate.path, path))) {
    for (const [name, value] of Object.entries(rule.set)) if (headerAllowed(name)) headers.set(name, value);
  }
  headers.set("content-type", type);
  if (type === "image/svg+xml") headers.set("content-security-policy", "script-src 'none'; sandbox");
  if (preview) headers.set("cache-control", "no-store");
  if (preview) headers.set("x-robots-tag", "noindex");
  for (const [name, value] of Object.entries(securityHeaders(place))) headers.set(name, value);
  return headers;
}
function freshness(path, type) {
  if (type.startsWith("text/html")) return "public, max-age=0, must-revalidate";
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /(^|[.\-_])[0-9a-f]{8,}\./.test(name) ? "public, max-age=31536000, immutable" : "public, max-age=3600";
}

// src/domain/deliver.ts
var CACHE_LIMIT = 5 << 20;
async function deliver(delivery, found) {
  const { request, place, manifest } = delivery;
  const { file: file2, status } = found;
  const headers = fileHeaders(manifest, found.path, file2.t, place);
  if (status === 404) headers.set("cache-control", "public, max-age=0, must-revalidate");
  else headers.set("etag", `"${file2.h}"`);
  if (status === 200 && unchanged(request, file2)) return new Response(null, { status: 304, headers });
  headers.set("content-length", String(file2.s));
  if (status === 404) return whole(delivery, file2, headers, 404);
  headers.set("accept-ranges", "bytes");
  const range = wantedRange(request, file2);
  if (range === "unsatisfiable") return unsatisfiable(file2, headers);
  return range ? part(delivery, file2, headers, range) : whole(delivery, file2, headers, 200);
}
function unchanged(request, file2) {
  const tags = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(`"${file2.h}"`);
}
function wantedRange(request, file2) {
  const condition = request.headers.get("if-range");
  if (request.method !== "GET" || condition && condition !== `"${file2.h}"`) return null;
  return parseRange(request.headers.get("range"), file2.s);
}
function unsatisfiable(file2, headers) {
  headers.set("content-range", `bytes */${file2.s}`);
  headers.set("cache-control", "no-store");
  headers.delete("content-length");
  return new Response(null, { status: 416, headers });
}
async function part({ env, place }, file2, headers, range) {
  const object = await env.SITES.get(blobKey(place.entry.t, file2.h), { range });
  if (!object) return null;
  headers.set("content-range", `bytes ${range.offset}-${range.offset + range.length - 1}/${file2.s}`);
  headers.set("content-length", String(range.length));
  return new Response(object.body, { status: 206, headers });
}
async function whole(delivery, file2, headers, status) {
  if (delivery.request.method === "HEAD") return new Response(null, { status, headers });
  const body = await content(delivery, file2);
  return body && new Response(body, { status, headers });
}
async function content({ env, ctx, place }, file2) {
  const cacheable = env.EDGE_CACHE === "1" && file2.s <= CACHE_LIMIT;
  const key = `https://cache.sp.internal/${place.entry.t}/${file2.h}`;
  const hit = cacheable ? await caches.default.match(key) : void 0;
  if (hit?.body) return hit.body;
  const object = await env.SITES.get(blobKey(place.entry.t, file2.h));
  if (!object || !cacheable || file2.s === 0) return object?.body ?? null;
  const [forVisitor, forCache] = object.body.tee();
  const stored = new Response(forCache, {
    headers: { "cache-control": "public, max-age=31536000, immutable", "content-length": String(file2.s) }
  });
  ctx.waitUntil(caches.default.put(key, stored).catch(() => void 0));
  return forVisitor;
}

// src/shared/tokens.ts
async function previewGranted(key, token, tid, host, now) {
  const [version, payload = "", signature = "", ...rest] = token.split(".");
  if (version !== "v1" || rest.length || !await hmacMatches(key, `preview|${payload}`, signature)) return null;
  const grant = JSON.parse(new TextDecoder().decode(unb64(payload) ?? new Uint8Array()));
  return grant.t === tid && grant.h === host && grant.exp > now / 1e3 ? grant : null;
}
async function signMoment(key, tid, now) {
  return `${now}.${b64url(await hmac(key, `form|${tid}|${now}`))}`;
}
async function momentOf(key, tid, token) {
  const [moment = "", signature = ""] = token.split(".");
  if (!/^\d{1,15}$/.test(moment)) return null;
  return await hmacMatches(key, `form|${tid}|${moment}`, signature) ? Number(moment) : null;
}
async function visitorHash(key, ip, now) {
  const day = new Date(now).toISOString().slice(0, 10);
  return b64url((await hmac(await hmac(key, `visitor|${day}`), ip)).subarray(0, 12));
}

// src/domain/pages.ts
var TEXTS = {
  de: {
    unknown: ["Hier ist keine Website", "Unter dieser Adresse ist keine Website eingerichtet. Bitte prüfen Sie die Schreibweise."],
    setup: ["Diese Website wird gerade eingerichtet", "In wenigen Minuten ist sie erreichbar. Bitte laden Sie die Seite dann neu."],
    paused: ["Diese Website ist zurzeit nicht erreichbar", "Bitte versuchen Sie es später noch einmal."],
    gone: ["Diese Website gibt es nicht mehr", "Der Betreiber hat diese Website beendet."],
    soon: ["Hier entsteht eine Website", "Es ist noch nichts veröffentlicht. Bitte schauen Sie bald wieder vorbei."],
    missing: ["Seite nicht gefunden", "Diese Seite gibt es nicht oder nicht mehr."],
    broken: ["Die Seite kann gerade nicht geladen werden", "Wir sind informiert. Bitte versuchen Sie es in einigen Minuten noch einmal."],
    bad: ["Diese Adresse ist ungültig", "Bitte prüfen Sie die Schreibweise."],
    preview: ["Die Vorschau ist abgelaufen", "Öffnen Sie die Vorschau bitte erneut aus dem Studio."],
    thanks: ["Danke für Ihre Nachricht", "Sie ist angekommen. Wir melden uns bei Ihnen."]
  },
  en: {
    unknown: ["There is no website here", "No website is set up at this address. Please check the spelling."],
    setup: ["This website is being set up", "It will be available in a few minutes. Please reload the page then."],
    paused: ["This website is not available at the moment", "Please try again later."],
    gone: ["This website no longer exists", "Its owner has closed this website."],
    soon: ["A website is being made here", "Nothing has been published yet. Please come back soon."],
    missing: ["Page not found", "This page does not exist, or no longer exists."],
    broken: ["The page cannot be loaded right now", "We have been told. Please try again in a few minutes."],
    bad: ["This address is not valid", "Please check the spelling."],
    preview: ["The preview has expired", "Please open the preview again from the studio."],
    thanks: ["Thank you for your message", "It has arrived. We will get back to you."]
  }
};
var HOME = { de: "Zur Startseite", en: "Go to the home page" };
var WITH_HOME = ["missing", "thanks", "bad"];
var STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;--bg:#fff;--ink:#161b22;--muted:#515a67;--accent:#0b57c9}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--ink:#e8ebef;--muted:#a3adba;--accent:#7fb0ff}}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;background:var(--bg);color:var(--ink)}
main{max-width:34rem;padding:2rem}h1{font-size:clamp(1.5rem,1.2rem + 1.6vw,2.25rem);line-height:1.2;margin:0 0 .75rem;font-weight:600;text-wrap:balance}
p{margin:0 0 1rem;color:var(--muted)}.mark{width:2.5rem;height:.25rem;border-radius:999px;background:var(--accent);margin-bottom:1.5rem}
a{color:var(--accent)}a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}`;
function pageLanguage(request, locale) {
  if (locale) return locale;
  const first = (request.headers.get("accept-language") ?? "de").slice(0, 2).toLowerCase();
  return first === "de" ? "de" : "en";
}
function page2(name, status, language, place, extra = {}) {
  const [title, body] = TEXTS[language][name];
  const link = WITH_HOME.includes(name) ? `<p><a href="/">${HOME[language]}</a></p>` : "";
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${title}</title><style>${STYLE}</style></head>
<body><main><div class="mark"></div><h1>${title}</h1><p>${body}</p>${link}</main></body></html>
`;
  return new Response(html, {
    status,
    headers: {
      ...securityHeaders(place),
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cache-control": "no-store",
      "x-robots-tag": "noindex",
      vary: "accept-language",
      ...extra
    }
  });
}

// src/domain/forms.ts
var MAX_BODY = 32 << 10;
var MAX_FIELDS = 30;
var MAX_TEXT = 5e3;
var FASTEST_MS = 2e3;
var FORM_PATH = /^\/_sp\/forms\/([a-z0-9-]{1,40})$/;
async function formMoment(env, tid) {
  return json({ t: await signMoment(env.PREVIEW_KEY, tid, Date.now()) });
}
async function submitForm(env, request, form, place, tenant) {
  requireOpen(tenant, request);
  const { t: tid } = place.entry;
  await limitRate(env.RL_FORM_IP, `${tid}:${clientKey(request)}`);
  await limitRate(env.RL_FORM_TENANT, tid);
  const isJson = mediaType(request) === "application/json";
  const fields = await readFields(request, isJson);
  const { _next: next, _hp: trap, _t: moment, _n: nonce, ...visible } = fields;
  const id = trap || moment && await tooFast(env, tid, moment) ? randomId(9) : await forward(env, request, form, tid, visible, nonce);
  if (isJson) return json({ ok: true, id }, 202);
  return next ? seeOther(ownPath(next)) : page2("thanks", 200, pageLanguage(request, tenant.locale), place);
}
function requireOpen(tenant, request) {
  if (!tenant.features.forms) throw new Problem(404, "not_found");
  const origin = request.headers.get("origin");
  if (origin && origin !== "null" && hostOf(origin) !== new URL(request.url).host) throw new Problem(403, "foreign_origin");
  if (["cross-site", "same-site"].includes(request.headers.get("sec-fetch-site") ?? "")) throw new Problem(403, "foreign_origin");
}
function hostOf(origin) {
  return URL.canParse(origin) ? new URL(origin).host : "";
}
function mediaType(request) {
  return (request.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
}
async function readFields(request, isJson) {
  if (!isJson && mediaType(request) !== "application/x-www-form-urlencoded") throw new Problem(415, "form_required");
  const body = await readBody(request, MAX_BODY);
  const pairs = isJson ? Object.entries(parseObject(body)) : [...new URLSearchParams(new TextDecoder().decode(body))];
  const fields = /* @__PURE__ */ Object.create(null);
  for (const [name, value] of pairs) {
    if (typeof value !== "string" || value.length > MAX_TEXT || !/^[\p{L}\p{N} _.\-[\]]{1,60}$/u.test(name))
      throw new Problem(400, "bad_field");
    fields[name] = name in fields ? `${fields[name]}, ${value}`.slice(0, MAX_TEXT) : value;
  }
  if (Object.keys(fields).length > MAX_FIELDS) throw new Problem(400, "too_many_fields");
  return { ...fields };
}
async function tooFast(env, tid, token) {
  const shown2 = await momentOf(env.PREVIEW_KEY, tid, token);
  return shown2 === null || Date.now() - shown2 < FASTEST_MS;
}
async function forward(env, request, form, tid, fields, nonce) {
  if (!Object.values(fields).some((value) => value.trim())) throw new Problem(400, "empty_form");
  const stored = await env.FORMS.submit({
    tid,
    form,
    fields,
    host: new URL(request.url).hostname,
    ipHash: await visitorHash(env.PREVIEW_KEY, clientKey(request), Date.now()),
    ua: (request.headers.get("user-agent") ?? "").slice(0, 200),
    nonce: nonce && /^[\w-]{8,64}$/.test(nonce) ? nonce : randomId(16)
  });
  return unwrap(stored).id;
}
function seeOther(location) {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}

// src/domain/memo.ts
var Memo = class {
  #entries = /* @__PURE__ */ new Map();
  #cap;
  constructor(cap) {
    this.#cap = cap;
  }
  async get(key, ttl2, load) {
    const known = this.#entries.get(key);
    if (known && known.until > Date.now()) return known.value;
    const value = await load();
    this.#entries.delete(key);
    if (this.#entries.size >= this.#cap) this.#entries.delete(this.#entries.keys().next().value);
    this.#entries.set(key, { value, until: Date.now() + ttl2 });
    return value;
  }
};

// src/domain/lookup.ts
var hosts = new Memo(5e3);
var tenants = new Memo(5e3);
var pointers = new Memo(5e3);
var manifests = new Memo(64);
var ttl = (env) => Number(env.MEMO_MS);
function findHost(env, host) {
  return hosts.get(host, ttl(env), () => env.ROUTING.get(`h:${host}`, { type: "json", cacheTtl: 60 }));
}
function findTenant(env, tid) {
  return tenants.get(tid, ttl(env), () => readTenant(env.ROUTING, tid));
}
function findPointer(env, tid) {
  return pointers.get(tid, ttl(env), () => readJson(env, liveKey(tid)));
}
function findManifest(env, tid, release) {
  const key = manifestKey(tid, release);
  return manifests.get(key, 24 * 3600 * 1e3, async () => {
    const manifest = await readJson(env, key);
    if (!manifest) throw new Error(`manifest_missing ${key}`);
    return manifest;
  });
}
function readDraft(env, tid) {
  return readJson(env, draftKey(tid));
}
async function readJson(env, key) {
  return await (await env.SITES.get(key))?.json() ?? null;
}

// src/domain/preview.ts
var COOKIE = "__Host-sp_preview";
async function openPreview(env, url, place) {
  const token = url.searchParams.get("token") ?? "";
  const grant = await previewGranted(env.PREVIEW_KEY, token, place.entry.t, url.hostname, Date.now());
  if (!grant) return null;
  const age = Math.max(1, Math.floor(grant.exp - Date.now() / 1e3));
  return new Response(null, {
    status: 303,
    headers: {
      ...securityHeaders(place),
      location: "/",
      "set-cookie": `${COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${age}`,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex"
    }
  });
}
async function mayPreview(env, request, host, place) {
  for (const token of cookies(request, COOKIE)) {
    if (await previewGranted(env.PREVIEW_KEY, token, place.entry.t, host, Date.now())) return true;
  }
  return false;
}

// src/domain/index.ts
var index_default = {
  async fetch(request, env, ctx) {
    try {
      return await route(request, env, ctx);
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error, request);
      console.error(
        JSON.stringify({ level: "error", event: "unhandled", request_id: requestId(request), error: String(error).slice(0, 300) })
      );
      return page2("broken", 502, pageLanguage(request, null), null);
    }
  }
};
async function route(request, env, ctx) {
  const url = new URL(request.url);
  const entry = await findHost(env, url.hostname.toLowerCase().replace(/\.$/, ""));
  if (!entry) return page2("unknown", 404, pageLanguage(request, null), null);
  const place = { entry, https: env.PUBLIC_SCHEME === "https" };
  const tenant = await findTenant(env, entry.t);
  if (url.pathname === "/_sp/health") return health(env, place, tenant);
  if (entry.to) return moved(env, url, entry.to, place);
  if (!tenant) return page2("setup", 503, pageLanguage(request, null), place, { "retry-after": "30" });
  return visit({ env, ctx, request, url, place, tenant });
}
async function visit(visit2) {
  const { request, url, place, tenant } = visit2;
  const own = requestPath(url.pathname);
  if (own === null) return shown(visit2, "bad", 400);
  const barred = closed(tenant.status);
  if (barred) return shown(visit2, barred.page, barred.status, barred.retryAfter ? { "retry-after": String(barred.retryAfter) } : {});
  if (own.startsWith("/_sp/") || own === "/_sp") return platformPath(visit2, own);
  if (request.method !== "GET" && request.method !== "HEAD") throw new Problem(405, "method_not_allowed", {}, { allow: "GET, HEAD" });
  if (place.entry.kind !== "preview") return live(visit2, own);
  if (!await mayPreview(visit2.env, request, url.hostname, place)) return shown(visit2, "preview", 403);
  return serve(visit2, own, await readDraft(visit2.env, place.entry.t));
}
async function live(visit2, path) {
  const { env, place } = visit2;
  const pointer = await findPointer(env, place.entry.t);
  if (!pointer) return shown(visit2, "soon", 404);
  return serve(visit2, path, await findManifest(env, place.entry.t, pointer.release));
}
async function serve(visit2, path, manifest) {
  const { env, ctx, request, url, place, tenant } = visit2;
  if (!manifest) return shown(visit2, "soon", 404);
  const found = resolve(manifest, path, url.search, manifest.settings.spa && tenant.features.spa === true);
  if (found.kind === "redirect") return redirect(found.to, found.status, place);
  if (found.kind === "missing") return shown(visit2, "missing", 404);
  const response = await deliver({ env, ctx, request, place, manifest }, found);
  if (response) return response;
  console.error(JSON.stringify({ level: "error", event: "asset_missing", tenant: place.entry.t, hash: found.file.h }));
  return shown(visit2, "broken", 502);
}
async function platformPath(visit2, path) {
  const { env, request, url, place, tenant } = visit2;
  if (path === "/_sp/preview" && request.method === "GET" && place.entry.kind === "preview") {
    return await openPreview(env, url, place) ?? shown(visit2, "preview", 403);
  }
  const [, form] = FORM_PATH.exec(path) ?? [];
  if (form && request.method === "POST") return submitForm(env, request, form, place, tenant);
  if (form && request.method === "GET" && tenant.features.forms) return formMoment(env, place.entry.t);
  return shown(visit2, "missing", 404);
}
async function health(env, place, tenant) {
  const pointer = await findPointer(env, place.entry.t);
  const status = tenant?.status ?? "unknown";
  const ok = tenant !== null && closed(tenant.status) === null;
  const mark = hex(await sha256(place.entry.t)).slice(0, 8);
  return json({ ok, release: pointer?.release ?? null, status }, 200, { ...securityHeaders(place), "x-sp-tenant": mark });
}
function moved(env, url, to, place) {
  const port = env.PUBLIC_PORT ? `:${env.PUBLIC_PORT}` : "";
  return redirect(`${env.PUBLIC_SCHEME}://${to}${port}${url.pathname}${url.search}`, 308, place);
}
function redirect(location, status, place) {
  return new Response(null, { status, headers: { ...securityHeaders(place), location, "cache-control": "no-store" } });
}
function shown({ request, place, tenant }, name, status, extra = {}) {
  return page2(name, status, pageLanguage(request, tenant.locale), place, extra);
}
export {
  index_default as default
};
