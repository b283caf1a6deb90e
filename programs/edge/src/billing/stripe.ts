import { Problem } from "../shared/errors.ts";
import { isRecord } from "../shared/http.ts";

export type BillingEnv = { STRIPE_KEY: string; STRIPE_API_URL: string; STRIPE_VERSION: string; STRIPE_LINK_HOSTS: string };
export type Invoice = {
  number: string | null;
  status: string;
  total: number;
  currency: string;
  created: number;
  hosted_url: string | null;
  pdf_url: string | null;
};
const TIMEOUT_MS = 8000;

export async function openPortal(env: BillingEnv, customer: string, returnUrl: string): Promise<string> {
  const body = new URLSearchParams({ customer: customerId(customer), return_url: returnUrl });
  const session = await ask(env, "POST", "/v1/billing_portal/sessions", body);
  const url = link(env, session.url);
  if (!url) throw new Problem(502, "billing_unavailable");
  return url;
}

export async function listInvoices(env: BillingEnv, customer: string): Promise<Invoice[]> {
  const list = await ask(env, "GET", `/v1/invoices?customer=${customerId(customer)}&limit=12`);
  if (!Array.isArray(list.data)) throw new Problem(502, "billing_unavailable");
  return list.data.filter(isRecord).map((invoice) => ({
    number: typeof invoice.number === "string" ? invoice.number : null,
    status: String(invoice.status),
    total: Number(invoice.total),
    currency: String(invoice.currency),
    created: Number(invoice.created),
    hosted_url: link(env, invoice.hosted_invoice_url),
    pdf_url: link(env, invoice.invoice_pdf),
  }));
}

function customerId(value: string): string {
  if (!/^cus_\w{1,60}$/.test(value)) throw new Problem(409, "no_customer");
  return value;
}

/** Only links to hosts of the vendor are handed to a browser. */
function link(env: BillingEnv, value: unknown): string | null {
  if (typeof value !== "string" || !URL.canParse(value)) return null;
  const [{ host, protocol }, api] = [new URL(value), new URL(env.STRIPE_API_URL)];
  const known = [api.host, ...(JSON.parse(env.STRIPE_LINK_HOSTS) as string[])];
  return known.includes(host) && protocol === api.protocol ? value : null;
}

async function ask(env: BillingEnv, method: string, path: string, body?: URLSearchParams): Promise<Record<string, unknown>> {
  const key = crypto.randomUUID();
  const first = await once(env, method, path, key, body);
  const response = first && first.status < 500 ? first : await once(env, method, path, key, body);
  const answer: unknown = response?.ok ? await response.json().catch(() => null) : null;
  if (!isRecord(answer)) throw new Problem(502, "billing_unavailable", { status: response?.status ?? 0 });
  return answer;
}

async function once(env: BillingEnv, method: string, path: string, key: string, body?: URLSearchParams): Promise<Response | null> {
  const headers: Record<string, string> = { authorization: `Bearer ${env.STRIPE_KEY}`, "stripe-version": env.STRIPE_VERSION };
  if (method === "POST") headers["idempotency-key"] = key;
  try {
    return await fetch(env.STRIPE_API_URL + path, {
      method,
      headers,
      body: body ?? null,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    return null;
  }
}
