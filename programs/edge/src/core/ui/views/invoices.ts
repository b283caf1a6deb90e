import { get, post } from "../api.ts";
import { button, h, pill, type Child } from "../dom.ts";
import { act, part } from "../feedback.ts";
import type { Session } from "../model.ts";
import { day, known, money, t } from "../text.ts";

type Invoice = {
  number: string | null;
  status: string;
  total: number;
  currency: string;
  created: number;
  hosted_url: string | null;
  pdf_url: string | null;
};

export function invoicesView(session: Session): HTMLElement {
  const head = [h("h1", {}, t("invoices_title")), h("p", { class: "lead" }, t("invoices_lead"))];
  if (session.role !== "owner") return h("div", { class: "stack" }, head, h("p", { class: "card" }, t("invoices_owner")));
  const manage = button(
    t("invoices_portal"),
    () =>
      act(manage, async () => {
        const { url } = await post<{ url: string }>("/api/v1/billing/portal", { return_path: "/invoices" });
        location.assign(url);
      }),
    { class: "primary" },
  );
  return h("div", { class: "stack" }, head, h("div", { class: "actions", "data-errors": true }, manage), part(table));
}

async function table(): Promise<Child> {
  const { invoices } = await get<{ invoices: Invoice[] }>("/api/v1/billing/invoices");
  if (!invoices.length) return h("p", { class: "card" }, t("invoices_none"));
  const columns = (["invoices_number", "invoices_date", "invoices_total", "invoices_status", "invoices_links"] as const).map((key) =>
    h("th", { scope: "col" }, t(key)),
  );
  return h(
    "div",
    { class: "card" },
    h(
      "table",
      { class: "stacking" },
      h("caption", { class: "vh" }, t("invoices_title")),
      h("thead", {}, h("tr", {}, columns)),
      h("tbody", {}, invoices.map(row)),
    ),
  );
}

function row(invoice: Invoice): HTMLElement {
  const number = invoice.number ?? "–";
  const state = known("invoice", invoice.status, "invoice_draft");
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, number),
    h("td", { "data-label": t("invoices_date") }, day(new Date(invoice.created * 1000).toISOString())),
    h("td", { class: "number", "data-label": t("invoices_total") }, money(invoice.total, invoice.currency)),
    h(
      "td",
      { "data-label": t("invoices_status") },
      pill(invoice.status === "paid" ? "ok" : invoice.status === "open" ? "yours" : "off", state),
    ),
    h(
      "td",
      { "data-label": t("invoices_links") },
      invoice.hosted_url &&
        h(
          "a",
          { href: invoice.hosted_url, target: "_blank", rel: "noopener noreferrer", "aria-label": t("invoices_open", { number }) },
          t("invoices_links"),
        ),
      " ",
      invoice.pdf_url && h("a", { href: invoice.pdf_url, target: "_blank", rel: "noopener noreferrer" }, t("invoices_pdf")),
    ),
  );
}
