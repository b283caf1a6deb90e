// src/billing/index.ts
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

// src/billing/stripe.ts
var TIMEOUT_MS = 8e3;
async function openPortal(env, customer, returnUrl) {
  const body = new URLSearchParams({ customer: customerId(customer), return_url: returnUrl });
  const session = await ask(env, "POST", "/v1/billing_portal/sessions", body);
  const url = link(env, session.url);
  if (!url) throw new Problem(502, "billing_unavailable");
  return url;
}
async function listInvoices(env, customer) {
  const list = await ask(env, "GET", `/v1/invoices?customer=${customerId(customer)}&limit=12`);
  if (!Array.isArray(list.data)) throw new Problem(502, "billing_unavailable");
  return list.data.filter(isRecord).map((invoice) => ({
    number: typeof invoice.number === "string" ? invoice.number : null,
    status: String(invoice.status),
    total: Number(invoice.total),
    currency: String(invoice.currency),
    created: Number(invoice.created),
    hosted_url: link(env, invoice.hosted_invoice_url),
    pdf_url: link(env, invoice.invoice_pdf)
  }));
}
function customerId(value) {
  if (!/^cus_\w{1,60}$/.test(value)) throw new Problem(409, "no_customer");
  return value;
}
function link(env, value) {
  if (typeof value !== "string" || !URL.canParse(value)) return null;
  const [{ host, protocol }, api] = [new URL(value), new URL(env.STRIPE_API_URL)];
  const known = [api.host, ...JSON.parse(env.STRIPE_LINK_HOSTS)];
  return known.includes(host) && protocol === api.protocol ? value : null;
}
async function ask(env, method, path, body) {
  const key = crypto.randomUUID();
  const first = await once(env, method, path, key, body);
  const response = first && first.status < 500 ? first : await once(env, method, path, key, body);
  const answer2 = response?.ok ? await response.json().catch(() => null) : null;
  if (!isRecord(answer2)) throw new Problem(502, "billing_unavailable", { status: response?.status ?? 0 });
  return answer2;
}
async function once(env, method, path, key, body) {
  const headers = { authorization: `Bearer ${env.STRIPE_KEY}`, "stripe-version": env.STRIPE_VERSION };
  if (method === "POST") headers["idempotency-key"] = key;
  try {
    return await fetch(env.STRIPE_API_URL + path, {
      method,
      headers,
      body: body ?? null,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS)
    });
  } catch {
    return null;
  }
}

// src/billing/index.ts
var Billing = class extends WorkerEntrypoint {
  fetch() {
    return new Response("Not found", { status: 404 });
  }
  portal(customer, returnUrl) {
    return answer(async () => ({ url: await openPortal(this.env, customer, returnUrl) }));
  }
  invoices(customer) {
    return answer(async () => ({ invoices: await listInvoices(this.env, customer) }));
  }
  ready() {
    return answer(async () => ({}));
  }
};
export {
  Billing as default
};
