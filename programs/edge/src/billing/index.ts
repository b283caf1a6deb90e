/** The customer's own view of their bills. Reads, and opens Stripe's portal; it cannot change a subscription. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { answer } from "../shared/errors.ts";
import { listInvoices, openPortal, type BillingEnv } from "./stripe.ts";

export default class Billing extends WorkerEntrypoint<BillingEnv> {
  fetch() {
    return new Response("Not found", { status: 404 });
  }
  portal(customer: string, returnUrl: string) {
    return answer(async () => ({ url: await openPortal(this.env, customer, returnUrl) }));
  }
  invoices(customer: string) {
    return answer(async () => ({ invoices: await listInvoices(this.env, customer) }));
  }
  ready() {
    return answer(async () => ({}));
  }
}
