// src/customer/index.ts
import { WorkerEntrypoint } from "cloudflare:workers";

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
function failure(status, code, details) {
  return details ? { ok: false, status, code, details } : { ok: false, status, code };
}
async function answer(work) {
  try {
    return { ok: true, ...await work() };
  } catch (error) {
    if (error instanceof Problem) return failure(error.status, error.code, error.details);
    console.error(JSON.stringify({ level: "error", event: "rpc_failed", error: describe(error) }));
    return failure(502, "internal_error");
  }
}
function describe(error) {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : "unknown";
}

// src/shared/keys.ts
var TENANT = /^[0-9a-z]{26}$/;
var SHA = /^[0-9a-f]{64}$/;
var RELEASE = /^r[1-9]\d{0,8}-[0-9a-f]{12}$/;
var INBOX_ID = /^(\d{4})(\d{2})(\d{2})T\d{9}-[0-9a-f]{12}$/;
function checked(pattern2, value, code) {
  if (!pattern2.test(value)) throw new Problem(400, code);
  return value;
}
var home = (tid) => `t/${checked(TENANT, tid, "bad_tenant")}/`;
var blobKey = (tid, sha) => `${home(tid)}b/${checked(SHA, sha, "bad_hash")}`;
var draftKey = (tid) => `${home(tid)}draft.json`;
var liveKey = (tid) => `${home(tid)}live.json`;
var manifestKey = (tid, release) => `${home(tid)}m/${checked(RELEASE, release, "bad_release")}.json`;
function inboxKey(tid, id) {
  const [, year, month, day] = INBOX_ID.exec(id) ?? [];
  if (!day) throw new Problem(400, "bad_id");
  return `${home(tid)}${year}-${month}-${day}/${id}.json`;
}
var OBJECT = /^(b\/[0-9a-f]{64}|m\/r[1-9]\d{0,8}-[0-9a-f]{12}\.json|draft\.json|live\.json)$/;
function objectKey(tid, name) {
  if (name.startsWith("inbox/")) return { bucket: "INBOX", key: inboxKey(tid, name.slice(6)) };
  return { bucket: "SITES", key: home(tid) + checked(OBJECT, name, "bad_key") };
}

// src/shared/crypto.ts
var text = new TextEncoder();
function unb64(value) {
  const plain = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
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

// src/shared/mime.ts
var TYPES = {
  html: "text/html; charset=utf-8",
  htm: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  webmanifest: "application/manifest+json",
  txt: "text/plain; charset=utf-8",
  vtt: "text/vtt; charset=utf-8",
  xml: "application/xml",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  ico: "image/x-icon",
  woff: "font/woff",
  woff2: "font/woff2",
  ttf: "font/ttf",
  otf: "font/otf",
  mp4: "video/mp4",
  webm: "video/webm",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  wav: "audio/wav",
  pdf: "application/pdf"
};
function extension(path) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}
function typeOf(path) {
  return TYPES[extension(path)] ?? null;
}
var MP4 = [[[4, "ftyp"]]];
var SIGNATURES = {
  png: [[[0, "PNG\r\n\n"]]],
  jpg: [[[0, "ÿØÿ"]]],
  jpeg: [[[0, "ÿØÿ"]]],
  gif: [[[0, "GIF87a"]], [[0, "GIF89a"]]],
  webp: [
    [
      [0, "RIFF"],
      [8, "WEBP"]
    ]
  ],
  avif: [[[4, "ftypavif"]], [[4, "ftypavis"]], [[4, "ftypmif1"]]],
  ico: [[[0, "\0\0\0"]]],
  woff: [[[0, "wOFF"]]],
  woff2: [[[0, "wOF2"]]],
  ttf: [[[0, "\0\0\0"]], [[0, "true"]]],
  otf: [[[0, "OTTO"]]],
  pdf: [[[0, "%PDF-"]]],
  mp4: MP4,
  m4a: MP4
};
var SNIFF_BYTES = 16;
function looksRight(path, first) {
  const head = Array.from(first, (byte) => String.fromCharCode(byte)).join("");
  const signatures = SIGNATURES[extension(path)];
  return !signatures || signatures.some((parts) => parts.every(([at, part]) => head.startsWith(part, at)));
}

// src/shared/site.ts
var MAX_MANIFEST = 1 << 20;
var MAX_FILES = 5e3;
var MAX_FILE_BYTES = 25 << 20;
var HISTORY = 60;
function emptyManifest() {
  return { v: 1, files: {}, settings: { spa: false, slash: "add", redirects: [], headers: [] } };
}
function canonical(manifest) {
  const files = Object.fromEntries(Object.entries(manifest.files).sort(([a], [b]) => a < b ? -1 : 1));
  const { spa, slash, redirects, headers } = manifest.settings;
  return JSON.stringify({ v: 1, files, settings: { spa, slash, redirects, headers } });
}
function totals(manifest) {
  const entries = Object.values(manifest.files);
  return { files: entries.length, bytes: entries.reduce((sum, file) => sum + file.s, 0) };
}
function hashes(manifest) {
  return new Set(Object.values(manifest.files).map((file) => file.h));
}

// src/customer/documents.ts
async function readDocument(bucket, key) {
  const object = await bucket.get(key);
  if (!object) return null;
  return { value: await object.json(), etag: object.etag };
}
async function swapDocument(bucket, key, body, etag) {
  const onlyIf = etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag };
  const written = await bucket.put(key, body, { onlyIf, httpMetadata: { contentType: "application/json" } });
  return written ? written.etag : null;
}
async function inBatches(items, size, work) {
  const results = [];
  for (let at = 0; at < items.length; at += size) {
    results.push(...await Promise.all(items.slice(at, at + size).map(work)));
  }
  return results;
}
async function* listAll(bucket, prefix) {
  let cursor;
  do {
    const page = await bucket.list({ prefix, cursor, include: ["customMetadata"] });
    yield* page.objects;
    cursor = page.truncated ? page.cursor : void 0;
  } while (cursor);
}
function requireList(value, max, code) {
  if (!Array.isArray(value) || value.length > max) throw new Problem(400, code, { max });
  return value;
}

// src/customer/blobs.ts
var MANY = 500;
var PARALLEL = 50;
async function blobFacts(bucket, tid, shas) {
  const found = /* @__PURE__ */ new Map();
  const note = (object) => {
    if (object) found.set(object.key.slice(-64), { size: object.size, head: unhex(object.customMetadata?.head ?? "") });
  };
  if (shas.length > MANY) {
    for await (const object of listAll(bucket, `${home(tid)}b/`)) note(object);
  } else {
    (await inBatches(shas, PARALLEL, (sha) => bucket.head(blobKey(tid, sha)))).forEach(note);
  }
  return found;
}
async function missingBlobs(bucket, tid, hashes2) {
  const wanted = requireList(hashes2, MANY, "too_many_hashes");
  if (!wanted.every((sha) => typeof sha === "string" && SHA.test(sha))) throw new Problem(400, "bad_hash");
  const found = await blobFacts(bucket, tid, wanted);
  return wanted.filter((sha) => !found.has(sha));
}
async function putBlob(bucket, tid, sha, length, body) {
  const key = blobKey(tid, sha);
  if (!Number.isSafeInteger(length) || length < 0 || length > MAX_FILE_BYTES) throw new Problem(413, "too_large", { max: MAX_FILE_BYTES });
  const stored = await bucket.head(key);
  if (stored) {
    await body.cancel();
    return { dedup: true, size: stored.size };
  }
  const { head, stream } = await peek(body, length);
  await store(bucket, key, sha, head, stream);
  return { dedup: false, size: length };
}
async function putBlobs(bucket, tid, contents) {
  const given = requireList(contents, PARALLEL, "too_many_blobs");
  const blobs = given.map((content) => typeof content === "string" ? unb64(content) : null);
  if (!blobs.every((blob) => blob !== null)) throw new Problem(400, "bad_content");
  return Promise.all(blobs.map((blob) => putSmall(bucket, tid, blob)));
}
async function putSmall(bucket, tid, blob) {
  const sha = await sha256hex(blob);
  await bucket.put(blobKey(tid, sha), blob, { sha256: sha, customMetadata: { head: hex(blob.subarray(0, SNIFF_BYTES)) } });
  return sha;
}
async function store(bucket, key, sha, head, stream) {
  const pumped = stream.pump().catch((error) => error ?? new Error("upload broke"));
  try {
    await bucket.put(key, stream.readable, { sha256: sha, customMetadata: { head: hex(head) } });
  } catch {
    const broken = await pumped;
    throw broken ? new Problem(400, "length_mismatch") : new Problem(422, "hash_mismatch");
  }
  await pumped;
}
async function peek(body, length) {
  const reader = body.getReader();
  const chunks = [];
  for (let size = 0; size < Math.min(SNIFF_BYTES, length); ) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
  }
  reader.releaseLock();
  const head = new Uint8Array(chunks.flatMap((chunk) => Array.from(chunk.subarray(0, SNIFF_BYTES)))).subarray(0, SNIFF_BYTES);
  const fixed = new FixedLengthStream(length);
  return { head, stream: { readable: fixed.readable, pump: () => replay(chunks, body, fixed.writable) } };
}
async function replay(chunks, rest, sink) {
  const writer = sink.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  writer.releaseLock();
  await rest.pipeTo(sink);
}

// src/shared/http.ts
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// src/shared/paths.ts
var UNSAFE = /[\p{Cc}\p{Cf}\\]/u;
var MAX_PATH = 512;
function filePath(value) {
  if (typeof value !== "string" || value.length > MAX_PATH || !value.startsWith("/")) throw badPath(value);
  if (value !== value.normalize("NFC") || UNSAFE.test(value) || /[?#%<>:"|*]/.test(value)) throw badPath(value);
  const segments = value.slice(1).split("/");
  if (segments.some((segment) => !segment || /^\.+$/.test(segment) || segment.trim() !== segment)) throw badPath(value);
  if (segments[0]?.toLowerCase() === "_sp") throw badPath(value);
  return value;
}
function badPath(value) {
  return new Problem(400, "bad_path", { path: String(value).slice(0, 200) });
}
function collisionKey(path) {
  return path.normalize("NFKC").toLowerCase();
}
function ownPath(value) {
  if (!value || value.length > MAX_PATH || !/^\/(?![/\\])/.test(value) || UNSAFE.test(value)) return "/";
  const url = new URL(value, "https://own.invalid");
  return url.origin === "https://own.invalid" && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}

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
function requireLimit(limit, current, max) {
  if (current > max) throw new Problem(402, "limit_exceeded", { limit, current, max });
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

// src/customer/settings.ts
function settingsFrom(value, base) {
  if (!isRecord(value)) throw bad("settings");
  const extra = Object.keys(value).find((key) => !["spa", "slash", "redirects", "headers"].includes(key));
  if (extra) throw bad(extra);
  const merged = { ...base, ...value };
  if (typeof merged.spa !== "boolean") throw bad("spa");
  if (!["add", "strip", "keep"].includes(merged.slash)) throw bad("slash");
  return {
    spa: merged.spa,
    slash: merged.slash,
    redirects: rules(merged.redirects, "redirects").map(redirect),
    headers: rules(merged.headers, "headers").map(headerRule)
  };
}
function rules(value, field) {
  if (!Array.isArray(value) || value.length > 200 || !value.every(isRecord)) throw bad(field);
  return value;
}
function redirect(rule) {
  const { from, to, status = 301 } = rule;
  if (typeof from !== "string" || typeof to !== "string" || ![301, 302, 307, 308].includes(status)) throw bad("redirects");
  pattern(from);
  if (!ownTarget(to) && !foreignTarget(to)) throw bad("redirects");
  if (to.includes("*") && (!from.endsWith("*") || !to.endsWith("*") || to.indexOf("*") !== to.length - 1)) throw bad("redirects");
  return { from, to, status };
}
function headerRule(rule) {
  const { path, set } = rule;
  if (typeof path !== "string" || !isRecord(set)) throw bad("headers");
  pattern(path);
  const pairs2 = Object.entries(set).map(([name, text2]) => {
    if (!headerAllowed(name) || typeof text2 !== "string" || !/^[\x20-\x7e]{0,2000}$/.test(text2)) throw bad(name.slice(0, 60));
    return [name.toLowerCase(), text2];
  });
  return { path, set: Object.fromEntries(pairs2) };
}
function pattern(value) {
  const stem = value.endsWith("*") ? value.slice(0, -1) : value;
  const plain = stem.replace(/\/$/, "");
  if (!stem.startsWith("/")) throw bad("path");
  if (plain) filePath(plain);
}
function ownTarget(to) {
  const stem = to.split("#")[0] ?? "";
  return to.startsWith("/") && ownPath(stem.replace("*", "x")) !== "/" ? true : to === "/" || to === "/*";
}
function foreignTarget(to) {
  return /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?\/[\x21-\x7e]*$/i.test(to);
}
function bad(field) {
  return new Problem(400, "bad_settings", { field });
}

// src/customer/draft.ts
var NO_DRAFT = "none";
async function readDraft(bucket, tid) {
  const stored = await readDocument(bucket, draftKey(tid));
  return stored ? { manifest: stored.value, etag: stored.etag } : { manifest: emptyManifest(), etag: NO_DRAFT };
}
async function commitDraft(bucket, tid, ifMatch, change, limits) {
  const draft = await readDraft(bucket, tid);
  if (draft.etag !== ifMatch) throw new Problem(412, "draft_changed", { etag: draft.etag });
  const { put, remove, settings } = changeFrom(change);
  const files = { ...draft.manifest.files };
  for (const path of remove) delete files[path];
  Object.assign(files, await admit(bucket, tid, put, draft.manifest));
  const next = {
    v: 1,
    files,
    settings: settings === void 0 ? draft.manifest.settings : settingsFrom(settings, draft.manifest.settings)
  };
  requireFits(next, limits);
  return saveDraft(bucket, tid, next, ifMatch);
}
async function saveDraft(bucket, tid, manifest, ifMatch) {
  const etag = await swapDocument(bucket, draftKey(tid), canonical(manifest), ifMatch === NO_DRAFT ? null : ifMatch);
  if (etag === null) throw new Problem(412, "draft_changed");
  return { etag, ...totals(manifest) };
}
function changeFrom(value) {
  if (!isRecord(value)) throw new Problem(400, "bad_change");
  const put = requireList(value.put ?? [], 500, "too_many_entries").map((entry2) => {
    if (!isRecord(entry2)) throw new Problem(400, "bad_change");
    return [String(entry2.path), String(entry2.sha256)];
  });
  const remove = requireList(value.delete ?? [], MAX_FILES, "too_many_entries").map(filePath);
  return { put, remove, settings: value.settings };
}
async function admit(bucket, tid, wanted, known) {
  for (const [path, sha] of wanted) requireName(path, sha);
  const fresh = wanted.filter(([path, sha]) => known?.files[path]?.h !== sha);
  const facts2 = await blobFacts(bucket, tid, [...new Set(fresh.map(([, sha]) => sha))]);
  const missing = fresh.filter(([, sha]) => !facts2.has(sha)).map(([, sha]) => sha);
  if (missing.length) throw new Problem(409, "blob_missing", { missing: missing.slice(0, 500) });
  return Object.fromEntries(wanted.map(([path, sha]) => [path, entry(path, sha, facts2, known)]));
}
function requireName(path, sha) {
  filePath(path);
  if (!SHA.test(sha)) throw new Problem(400, "bad_hash");
  if (!typeOf(path)) throw new Problem(415, "type_not_allowed", { path });
}
function entry(path, sha, facts2, known) {
  const same = known?.files[path];
  if (same && same.h === sha) return same;
  const { size, head } = facts2.get(sha);
  if (!looksRight(path, head)) throw new Problem(415, "type_not_allowed", { path });
  return { h: sha, s: size, t: typeOf(path) };
}
function requireFits(manifest, limits) {
  const { files, bytes } = totals(manifest);
  requireLimit("files", files, Math.min(limits.files, MAX_FILES));
  requireLimit("site_bytes", bytes, limits.site_bytes);
  const largest = Math.max(0, ...Object.values(manifest.files).map((file) => file.s));
  requireLimit("file_bytes", largest, limits.file_bytes);
  if (canonical(manifest).length > MAX_MANIFEST) throw new Problem(413, "manifest_too_large", { max: MAX_MANIFEST });
  refuseCollisions(Object.keys(manifest.files));
}
function refuseCollisions(paths) {
  const seen = /* @__PURE__ */ new Map();
  for (const path of paths) {
    const other = seen.get(collisionKey(path));
    if (other) throw new Problem(409, "path_collision", { path, other });
    seen.set(collisionKey(path), path);
  }
}

// src/customer/release.ts
async function publishDraft(bucket, tid, draftEtag, limits, intent) {
  const draft = await readDraft(bucket, tid);
  if (draft.etag !== draftEtag) throw new Problem(412, "draft_changed", { etag: draft.etag });
  requireFits(draft.manifest, limits);
  return promote(bucket, tid, draft.manifest, intent);
}
async function promote(bucket, tid, manifest, intent) {
  if (!totals(manifest).files) throw new Problem(409, "nothing_to_publish");
  const live = await readDocument(bucket, liveKey(tid));
  const mark = (await sha256hex(canonical(manifest))).slice(0, 12);
  if (live?.value.release.endsWith(`-${mark}`)) return facts(live.value, true);
  requireExpected(live, intent.expect);
  await requireBlobs(bucket, tid, manifest, live);
  const n = (live?.value.n ?? 0) + 1;
  const release = `r${n}-${mark}`;
  await swapDocument(bucket, manifestKey(tid, release), canonical(manifest), null);
  return point(bucket, tid, live, { n, release, at: (/* @__PURE__ */ new Date()).toISOString(), by: intent.by, kind: intent.kind, ...totals(manifest) });
}
async function rollback(bucket, tid, release, intent) {
  const [live, manifest] = await Promise.all([
    readDocument(bucket, liveKey(tid)),
    readDocument(bucket, manifestKey(tid, release))
  ]);
  const known = live?.value.history.some((entry2) => entry2.release === release);
  if (!live || !manifest || !known) throw new Problem(404, "no_such_release");
  if (live.value.release === release) return facts(live.value, true);
  requireExpected(live, intent.expect);
  const n = live.value.n + 1;
  return point(bucket, tid, live, {
    n,
    release,
    at: (/* @__PURE__ */ new Date()).toISOString(),
    by: intent.by,
    kind: intent.kind,
    ...totals(manifest.value)
  });
}
async function point(bucket, tid, live, entry2) {
  const { n, release, at, by } = entry2;
  const history = [entry2, ...live?.value.history ?? []].slice(0, HISTORY);
  const pointer = { v: 1, n, release, prev: live?.value.release ?? null, at, by, history };
  const written = await swapDocument(bucket, liveKey(tid), JSON.stringify(pointer), live?.etag ?? null);
  if (written === null) throw stale((await readDocument(bucket, liveKey(tid)))?.value);
  return facts(pointer, false);
}
function facts(pointer, unchanged) {
  return { release: pointer.release, n: pointer.n, at: pointer.at, unchanged };
}
function requireExpected(live, expect) {
  if (expect !== void 0 && expect !== (live?.value.release ?? null)) throw stale(live?.value);
}
function stale(live) {
  return new Problem(409, "stale_release", { live: live?.release ?? null, n: live?.n ?? 0 });
}
async function requireBlobs(bucket, tid, manifest, live) {
  const current = live && await readDocument(bucket, manifestKey(tid, live.value.release));
  const known = current ? hashes(current.value) : /* @__PURE__ */ new Set();
  const unknown = [...hashes(manifest)].filter((sha) => !known.has(sha));
  const found = await blobFacts(bucket, tid, unknown);
  const missing = unknown.filter((sha) => !found.has(sha));
  if (missing.length) throw new Problem(409, "blob_missing", { missing: missing.slice(0, 500) });
}
async function listReleases(bucket, tid) {
  const live = await readDocument(bucket, liveKey(tid));
  if (!live) return { live: null, releases: [] };
  const stored = /* @__PURE__ */ new Set();
  for await (const object of listAll(bucket, `${home(tid)}m/`)) stored.add(object.key.slice(home(tid).length + 2, -5));
  const once = distinct(live.value.history).filter((entry2) => stored.has(entry2.release));
  return { live: live.value.history[0] ?? null, releases: once.map((entry2) => ({ ...entry2, live: entry2.release === live.value.release })) };
}
function distinct(history) {
  return history.filter((entry2, at) => history.findIndex((other) => other.release === entry2.release) === at);
}

// src/customer/gc.ts
var GRACE_MS = 24 * 3600 * 1e3;
var PAGE = 1e3;
async function collect(bucket, tid, keep, cursor, now) {
  const roots = await readRoots(bucket, tid);
  const wanted = new Set(
    distinct(roots.live?.history ?? []).slice(0, Math.max(1, keep)).map((entry2) => entry2.release)
  );
  const manifests = await bucket.list({ prefix: `${home(tid)}m/`, limit: PAGE });
  const old = manifests.objects.filter((object) => expired(object, now) && !wanted.has(releaseOf(object)));
  const kept = manifests.objects.filter((object) => !old.includes(object));
  const used = await references(
    bucket,
    roots.draft,
    kept.map((object) => object.key)
  );
  const page = await bucket.list({ prefix: `${home(tid)}b/`, limit: PAGE, cursor: cursor ?? void 0 });
  const garbage = page.objects.filter((object) => expired(object, now) && !used.has(object.key.slice(-64)));
  const doomed = [...old, ...garbage].map((object) => object.key);
  if ((await readRoots(bucket, tid)).version !== roots.version) return { done: false, cursor, count: 0 };
  for (let at = 0; at < doomed.length; at += PAGE) await bucket.delete(doomed.slice(at, at + PAGE));
  return { done: !page.truncated, cursor: page.truncated ? page.cursor : null, count: doomed.length };
}
async function readRoots(bucket, tid) {
  const [live, draft] = await Promise.all([readDocument(bucket, liveKey(tid)), readDocument(bucket, draftKey(tid))]);
  return { live: live?.value ?? null, draft: draft?.value ?? null, version: `${live?.etag} ${draft?.etag}` };
}
async function references(bucket, draft, manifests) {
  const used = draft ? hashes(draft) : /* @__PURE__ */ new Set();
  await inBatches(manifests, 10, async (key) => {
    const manifest = await readDocument(bucket, key);
    if (manifest) for (const sha of hashes(manifest.value)) used.add(sha);
  });
  return used;
}
function expired(object, now) {
  return now - object.uploaded.getTime() > GRACE_MS;
}
function releaseOf(object) {
  return object.key.slice(object.key.lastIndexOf("/") + 1, -5);
}
async function purge(buckets, tid, limit = PAGE) {
  let count = 0;
  let done = true;
  for (const bucket of buckets) {
    const page = await bucket.list({ prefix: home(tid), limit });
    if (page.objects.length) await bucket.delete(page.objects.map((object) => object.key));
    count += page.objects.length;
    done &&= !page.truncated;
  }
  return { done, cursor: null, count };
}

// src/customer/inbox.ts
var PAGE2 = 25;
async function listInbox(bucket, tid, cursor) {
  const upto = cursor ? inboxKey(tid, cursor) : "~";
  const days = (await bucket.list({ prefix: home(tid), delimiter: "/" })).delimitedPrefixes.sort().reverse();
  const keys = [];
  for (const day of days) {
    if (keys.length > PAGE2) break;
    if (day > upto) continue;
    const found2 = [];
    for await (const object of listAll(bucket, day)) if (object.key < upto) found2.push(object.key);
    keys.push(...found2.sort().reverse());
  }
  const submissions = await Promise.all(keys.slice(0, PAGE2).map((key) => readSubmission(bucket, key)));
  const found = submissions.filter((submission) => submission !== null);
  return { submissions: found, cursor: keys.length > PAGE2 ? found.at(-1)?.id ?? null : null };
}
async function readSubmission(bucket, key) {
  return (await bucket.get(key))?.json() ?? null;
}
async function deleteSubmission(bucket, tid, id) {
  const key = inboxKey(tid, id);
  if (!await bucket.head(key)) throw new Problem(404, "no_such_submission");
  await bucket.delete(key);
}

// src/customer/objects.ts
async function listObjects(env, tid, prefix, cursor) {
  if (!["", "b/", "m/", "inbox/"].includes(prefix)) throw new Problem(400, "bad_prefix");
  const inbox = prefix === "inbox/";
  const from = home(tid) + (inbox ? "" : prefix);
  const page = await (inbox ? env.INBOX : env.SITES).list({ prefix: from, cursor: cursor ?? void 0, limit: 1e3 });
  const named = (key) => inbox ? `inbox/${key.slice(key.lastIndexOf("/") + 1, -5)}` : key.slice(home(tid).length);
  const objects = page.objects.map(({ key, size, etag, uploaded }) => ({ key: named(key), size, etag, uploaded: uploaded.toISOString() }));
  return { objects, cursor: page.truncated ? page.cursor : null };
}
async function readObject(env, tid, name) {
  const { bucket, key } = objectKey(tid, name);
  const object = await env[bucket].get(key);
  if (!object) throw new Problem(404, "no_such_object");
  return { size: object.size, etag: object.etag, body: object.body };
}
async function usage(env, tid) {
  const sum = { bytes: 0, files: 0, releases: 0, inbox: 0 };
  for await (const object of listAll(env.SITES, home(tid))) {
    sum.bytes += object.size;
    if (object.key.startsWith(`${home(tid)}b/`)) sum.files += 1;
    if (object.key.startsWith(`${home(tid)}m/`)) sum.releases += 1;
  }
  for await (const object of listAll(env.INBOX, home(tid))) {
    sum.bytes += object.size;
    sum.inbox += 1;
  }
  return sum;
}

// src/customer/upload.ts
async function publishFiles(bucket, tid, upload, limits) {
  const draft = await readDraft(bucket, tid);
  const wanted = pairs(upload.files);
  const base = emptyManifest();
  const manifest = {
    v: 1,
    files: await admit(bucket, tid, wanted, null),
    settings: upload.settings === void 0 ? base.settings : settingsFrom(upload.settings, base.settings)
  };
  requireFits(manifest, limits);
  const live = await promote(bucket, tid, manifest, upload);
  const missing = draft.etag === NO_DRAFT;
  if (missing || !live.unchanged) await swapDocument(bucket, draftKey(tid), canonical(manifest), missing ? null : draft.etag);
  return live;
}
function pairs(files) {
  if (!isRecord(files) || Object.keys(files).length > MAX_FILES) throw new Problem(400, "bad_files", { max: MAX_FILES });
  return Object.entries(files).map(([path, sha]) => [path, String(sha)]);
}

// src/customer/index.ts
var nothingHere = () => new Response("Not found", { status: 404 });
var Customer = class extends WorkerEntrypoint {
  fetch() {
    return nothingHere();
  }
  has(tid, hashes2) {
    return answer(async () => ({ missing: await missingBlobs(this.env.SITES, tid, hashes2) }));
  }
  putBlob(tid, sha, length, body) {
    return answer(() => putBlob(this.env.SITES, tid, sha, length, body));
  }
  getDraft(tid) {
    return answer(() => readDraft(this.env.SITES, tid));
  }
  commit(tid, ifMatch, change, limits) {
    return answer(() => commitDraft(this.env.SITES, tid, ifMatch, change, limits));
  }
  publish(tid, draftEtag, expect, limits, by) {
    return answer(() => publishDraft(this.env.SITES, tid, draftEtag, limits, { expect, by, kind: "publish" }));
  }
  releases(tid) {
    return answer(() => listReleases(this.env.SITES, tid));
  }
  manifest(tid, release) {
    return answer(async () => {
      const stored = await readDocument(this.env.SITES, manifestKey(tid, release));
      if (!stored) throw new Problem(404, "no_such_release");
      return { manifest: stored.value };
    });
  }
  rollback(tid, release, expect, by) {
    return answer(() => rollback(this.env.SITES, tid, release, { expect, by, kind: "rollback" }));
  }
  usage(tid) {
    return answer(() => usage(this.env, tid));
  }
  inboxList(tid, cursor) {
    return answer(() => listInbox(this.env.INBOX, tid, cursor));
  }
  inboxDelete(tid, id) {
    return answer(async () => {
      await deleteSubmission(this.env.INBOX, tid, id);
      return {};
    });
  }
};
var OpsEntrypoint = class extends WorkerEntrypoint {
  fetch() {
    return nothingHere();
  }
  putBlobs(tid, contents) {
    return answer(async () => ({ stored: await putBlobs(this.env.SITES, tid, contents) }));
  }
  publishFiles(tid, upload, limits) {
    return answer(() => publishFiles(this.env.SITES, tid, upload, limits));
  }
  list(tid, prefix, cursor) {
    return answer(() => listObjects(this.env, tid, prefix, cursor));
  }
  get(tid, key) {
    return answer(() => readObject(this.env, tid, key));
  }
  gc(tid, keepReleases, cursor) {
    return answer(() => collect(this.env.SITES, tid, keepReleases, cursor, Date.now()));
  }
  purge(tid) {
    return answer(() => purge([this.env.SITES, this.env.INBOX], tid));
  }
  ready() {
    return answer(async () => {
      await this.env.SITES.head("ready");
      return {};
    });
  }
};
export {
  OpsEntrypoint,
  Customer as default
};
