// src/mailer/index.ts
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

// src/shared/http.ts
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// src/shared/keys.ts
var TENANT = /^[0-9a-z]{26}$/;
var INBOX_ID = /^(\d{4})(\d{2})(\d{2})T\d{9}-[0-9a-f]{12}$/;
function checked(pattern, value, code) {
  if (!pattern.test(value)) throw new Problem(400, code);
  return value;
}
var home = (tid) => `t/${checked(TENANT, tid, "bad_tenant")}/`;
function inboxKey(tid, id) {
  const [, year, month, day] = INBOX_ID.exec(id) ?? [];
  if (!day) throw new Problem(400, "bad_id");
  return `${home(tid)}${year}-${month}-${day}/${id}.json`;
}

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
async function sha256hex(data) {
  return hex(await sha256(data));
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

// src/mailer/sealed.ts
function ring(json) {
  return JSON.parse(json);
}
async function sealValue(keks, tid, field, value) {
  const kek = ring(keks)[0];
  return `v1.${kek.kid}.${await encrypt(unb64(kek.key), `${tid}|${field}`, value)}`;
}
async function openValue(keks, tid, field, sealed) {
  const [version, kid, ...rest] = sealed.split(".");
  const kek = ring(keks).find((candidate) => candidate.kid === kid);
  if (version !== "v1" || !kek) throw new Error("sealed under an unknown key");
  return decrypt(unb64(kek.key), `${tid}|${field}`, rest.join("."));
}

// src/mailer/settings.ts
var MAX_RECIPIENTS = 5;
var FIELDS = ["rev", "mode", "from", "reply_to", "to", "api_key", "domain_status"];
async function configure(env, tid, doc) {
  const wanted = validate(tid, doc);
  const before = await env.MAIL.get(`m:${tid}`, "json");
  if (before && before.rev > wanted.rev) throw new Problem(409, "stale_revision", { rev: before.rev });
  const key = wanted.key === null ? before?.key ?? null : await sealValue(env.MAIL_KEK, tid, "key", wanted.key);
  if (wanted.mode === "own" && !key) throw bad("api_key");
  const to = await sealValue(env.MAIL_KEK, tid, "to", JSON.stringify(wanted.to));
  const stored = { ...wanted, key: wanted.mode === "own" ? key : null, to };
  await env.MAIL.put(`m:${tid}`, JSON.stringify(stored));
}
async function removeSettings(env, tid, rev) {
  const before = await env.MAIL.get(`m:${tid}`, "json");
  if (before && before.rev > Number(rev)) throw new Problem(409, "stale_revision", { rev: before.rev });
  await env.MAIL.delete(`m:${tid}`);
}
async function readSettings(env, tid) {
  const stored = await env.MAIL.get(`m:${tid}`, { type: "json", cacheTtl: 60 });
  if (!stored) return null;
  const key = stored.key && await openValue(env.MAIL_KEK, tid, "key", stored.key);
  const to = JSON.parse(await openValue(env.MAIL_KEK, tid, "to", stored.to));
  return { ...stored, key, to };
}
function validate(tid, doc) {
  if (!TENANT.test(tid)) throw new Problem(400, "bad_tenant");
  if (!isRecord(doc) || Object.keys(doc).some((name) => !FIELDS.includes(name))) throw bad("document");
  const { rev, mode, from = null, reply_to = null, to, api_key = null, domain_status = "none" } = doc;
  if (!Number.isSafeInteger(rev)) throw bad("rev");
  if (mode !== "own" && mode !== "platform") throw bad("mode");
  if (from !== null && !isSender(from)) throw bad("from");
  if (mode === "own" && from === null) throw bad("from");
  if (reply_to !== null && !isAddress(reply_to)) throw bad("reply_to");
  if (!Array.isArray(to) || to.length > MAX_RECIPIENTS || !to.every(isAddress)) throw bad("to");
  if (api_key !== null && !/^re_[\w-]{8,100}$/.test(String(api_key))) throw bad("api_key");
  return { v: 1, rev, mode, from, reply_to, to, key: api_key, domain_status: String(domain_status).slice(0, 40) };
}
var ADDRESS = '[^\\s@<>",;:\\\\]{1,64}@[a-z0-9-]+(\\.[a-z0-9-]+)+';
function isAddress(value) {
  return typeof value === "string" && value.length <= 254 && new RegExp(`^${ADDRESS}$`, "i").test(value);
}
function isSender(value) {
  return isAddress(value) || typeof value === "string" && new RegExp(`^[^\\p{Cc}<>"@]{1,80} <${ADDRESS}>$`, "iu").test(value);
}
function bad(field) {
  return new Problem(400, "bad_document", { field });
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
async function readTenant(routing, tid) {
  if (!TENANT.test(tid)) return null;
  return routing.get(`t:${tid}`, { type: "json", cacheTtl: 60 });
}

// src/mailer/message.ts
function senderOf(env, settings) {
  const own = settings.mode === "own" && settings.domain_status === "verified" && settings.key && settings.from;
  return own ? { key: settings.key, from: settings.from, own: true } : { key: env.RESEND_PLATFORM_KEY, from: env.PLATFORM_FROM, own: false };
}
function compose(submission, settings, sender, locale) {
  const reply = replyAddress(submission, settings);
  const mail = { from: sender.from, to: settings.to, subject: oneLine(subject(submission, locale)), text: body(submission, locale) };
  return reply ? { ...mail, reply_to: reply } : mail;
}
function replyAddress({ fields }, settings) {
  const written = Object.entries(fields).find(([name]) => /^(e-?mail|reply[_-]?to)$/i.test(name))?.[1]?.trim();
  return isAddress(written) ? written : settings.reply_to;
}
function subject({ form, host }, locale) {
  return locale === "de" ? `Neue Nachricht über ${host} (${form})` : `New message from ${host} (${form})`;
}
function body({ fields, at, host, id }, locale) {
  const lines = Object.entries(fields).map(([name, value]) => `${oneLine(name)}:
${value.replace(/\r\n?/g, "\n")}
`);
  const [when, from] = locale === "de" ? ["Eingegangen", "Über"] : ["Received", "Through"];
  return `${lines.join("\n")}
--
${when}: ${at}
${from}: ${host}
${id}
`;
}
function oneLine(value) {
  return value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim().slice(0, 200);
}

// src/mailer/resend.ts
var TIMEOUT_MS = 8e3;
var PAUSES_MS = [600, 1500];
var AGENT = "smartpages-mailer";
async function sendMail(env, key, mail, idempotency) {
  let sent = await attempt(env, key, mail, idempotency);
  for (const pause of PAUSES_MS) {
    if (sent.status !== 429) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    sent = await attempt(env, key, mail, idempotency);
  }
  return sent;
}
async function attempt(env, key, mail, idempotency) {
  try {
    const response = await fetch(`${env.RESEND_API_URL}/emails`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "idempotency-key": idempotency,
        "user-agent": AGENT
      },
      body: JSON.stringify(mail),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS)
    });
    const answer2 = await response.json().catch(() => null);
    return { id: response.ok && isRecord(answer2) && typeof answer2.id === "string" ? answer2.id : null, status: response.status };
  } catch {
    return { id: null, status: 0 };
  }
}

// src/mailer/submissions.ts
var RETRY_PAGE = 100;
async function submit(env, incoming) {
  const { tid, host, form, fields, ipHash, ua, nonce } = incoming;
  const at = (/* @__PURE__ */ new Date()).toISOString();
  const mark = (await sha256hex(JSON.stringify([tid, form, nonce]))).slice(0, 12);
  const id = `${at.slice(0, 23).replace(/[-:.]/g, "")}-${mark}`;
  const submission = { v: 1, id, at, host, form, fields, ip_hash: ipHash, ua, sent: false, mail_id: null };
  await store(env, tid, submission);
  await deliver(env, tid, submission);
  return id;
}
async function store(env, tid, submission) {
  await env.INBOX.put(inboxKey(tid, submission.id), JSON.stringify(submission), {
    httpMetadata: { contentType: "application/json" },
    customMetadata: { sent: submission.sent ? "1" : "0" }
  });
}
async function deliver(env, tid, submission) {
  const settings = await readSettings(env, tid);
  if (!settings?.to.length) return false;
  const locale = (await readTenant(env.ROUTING, tid))?.locale ?? "de";
  const sender = senderOf(env, settings);
  const idempotency = await sha256hex(JSON.stringify([tid, submission.form, submission.id.slice(-12)]));
  const { id, status } = await sendMail(env, sender.key, compose(submission, settings, sender, locale), idempotency);
  if (id === null) {
    console.error(JSON.stringify({ level: "warn", event: "form_mail_failed", tenant: tid, submission: submission.id, status }));
    return false;
  }
  await store(env, tid, { ...submission, sent: true, mail_id: id });
  return true;
}
async function retry(env, tid, cursor) {
  const options = { prefix: home(tid), limit: RETRY_PAGE, cursor: cursor ?? void 0, include: ["customMetadata"] };
  const page = await env.INBOX.list(options);
  let count = 0;
  for (const object of page.objects.filter((candidate) => candidate.customMetadata?.sent !== "1")) {
    const submission = await (await env.INBOX.get(object.key))?.json();
    if (submission && !submission.sent && await deliver(env, tid, submission)) count += 1;
  }
  return { done: !page.truncated, cursor: page.truncated ? page.cursor : null, count };
}
async function sendTest(env, tid) {
  const settings = await readSettings(env, tid);
  if (!settings?.to.length) throw new Problem(409, "no_recipients");
  const at = (/* @__PURE__ */ new Date()).toISOString();
  const sender = senderOf(env, settings);
  const fields = { Test: "Diese Nachricht prüft den Versand. This message checks that sending works." };
  const submission = {
    v: 1,
    id: "test",
    at,
    host: "studio",
    form: "test",
    fields,
    ip_hash: "",
    ua: "",
    sent: false,
    mail_id: null
  };
  const mail = compose(submission, settings, sender, (await readTenant(env.ROUTING, tid))?.locale ?? "de");
  const { id } = await sendMail(env, sender.key, mail, await sha256hex(`${tid}|test|${at.slice(0, 16)}`));
  if (id === null) throw new Problem(502, "mail_unavailable");
  return id;
}

// src/mailer/index.ts
var nothingHere = () => new Response("Not found", { status: 404 });
var Mailer = class extends WorkerEntrypoint {
  fetch() {
    return nothingHere();
  }
  sendTest(tid) {
    return answer(async () => ({ mail_id: await sendTest(this.env, tid) }));
  }
};
var FormsEntrypoint = class extends WorkerEntrypoint {
  fetch() {
    return nothingHere();
  }
  submit(incoming) {
    return answer(async () => ({ id: await submit(this.env, incoming) }));
  }
};
var OpsEntrypoint = class extends WorkerEntrypoint {
  fetch() {
    return nothingHere();
  }
  configure(tid, doc) {
    return answer(async () => {
      await configure(this.env, tid, doc);
      return {};
    });
  }
  remove(tid, rev) {
    return answer(async () => {
      await removeSettings(this.env, tid, rev);
      return {};
    });
  }
  retry(tid, cursor) {
    return answer(() => retry(this.env, tid, cursor));
  }
  ready() {
    return answer(async () => {
      await this.env.MAIL.get("ready");
      return {};
    });
  }
};
export {
  FormsEntrypoint,
  OpsEntrypoint,
  Mailer as default
};
