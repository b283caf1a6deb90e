import { Problem, unwrap } from "../../shared/errors.ts";
import { json, readJson } from "../../shared/http.ts";
import { ownPath } from "../../shared/paths.ts";
import type { Call } from "../call.ts";
import { portalOrigin } from "../env.ts";

function customerOf({ tenant }: Call): string {
  if (!tenant.stripe_customer) throw new Problem(409, "no_customer");
  return tenant.stripe_customer;
}

export async function openBilling(call: Call): Promise<Response> {
  const { return_path: path } = await readJson(call.request, 2000);
  const back = portalOrigin(call.env, call.url) + ownPath(typeof path === "string" ? path : null);
  const { url } = unwrap(await call.env.BILLING.portal(customerOf(call), back));
  return json({ url });
}

export async function listInvoices(call: Call): Promise<Response> {
  const { invoices } = unwrap(await call.env.BILLING.invoices(customerOf(call)));
  return json({ invoices });
}
