import { call, get, post } from "../api.ts";
import { button, field, h, pill, type Child } from "../dom.ts";
import { act, ask, copyable, part, toast } from "../feedback.ts";
import { mayWrite, type DnsRecord, type Host, type Session } from "../model.ts";
import { known, t } from "../text.ts";

const KINDS: Record<string, "ok" | "running" | "yours" | "waiting" | "danger" | "off"> = {
  live: "ok",
  requested: "running",
  verifying: "running",
  probing: "running",
  removing: "running",
  awaiting_dns: "yours",
  moved: "yours",
  blocked: "waiting",
};

export function domainsView(session: Session): HTMLElement {
  const body = h("div", {});
  const reload = (): void => body.replaceChildren(part(() => hosts(session, reload)));
  reload();
  return h(
    "div",
    { class: "stack" },
    h("h1", {}, t("domains_title")),
    h("p", { class: "lead" }, t("domains_lead")),
    body,
    adding(session, reload),
  );
}

async function hosts(session: Session, reload: () => void): Promise<Child> {
  const { hosts: found } = await get<{ hosts: Host[] }>("/api/v1/account/hosts");
  return h(
    "ul",
    { class: "plain stack" },
    found.map((host) => card(session, host, reload)),
  );
}

function card(session: Session, host: Host, reload: () => void): HTMLElement {
  const state = known("host", host.state, "host_unknown");
  const text = known("host", `${host.state}_text`, "host_unknown_text");
  return h(
    "li",
    { class: "card", "data-errors": true },
    h(
      "div",
      { class: "heading" },
      h("h2", { class: "path" }, host.host),
      pill(KINDS[host.state] ?? "off", state),
      host.host === session.tenant.primary && pill("ok", t("domains_primary")),
    ),
    h("p", {}, text),
    host.records.length > 0 && host.state !== "live" && records(host.records),
    mayWrite(session) && isOwn(session, host) && actions(session, host, reload),
  );
}

function isOwn(session: Session, { host }: Host): boolean {
  return !host.startsWith(`${session.tenant.slug}.`);
}

function records(wanted: DnsRecord[]): HTMLElement {
  const row = ({ type, name, value }: DnsRecord): HTMLElement =>
    h(
      "tr",
      {},
      h("td", { "data-label": t("domains_record_type") }, type),
      h("td", { "data-label": t("domains_record_name") }, copyable(name)),
      h("td", { "data-label": t("domains_record_value") }, copyable(value)),
    );
  const head = [t("domains_record_type"), t("domains_record_name"), t("domains_record_value")].map((label) =>
    h("th", { scope: "col" }, label),
  );
  return h(
    "table",
    { class: "stacking" },
    h("caption", {}, t("domains_records")),
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, wanted.map(row)),
  );
}

function actions(session: Session, { host, state }: Host, reload: () => void): HTMLElement {
  const path = `/api/v1/account/hosts/${encodeURIComponent(host)}`;
  const doing = (label: string, work: () => Promise<unknown>, done: string): HTMLButtonElement => {
    const one = button(label, () =>
      act(one, async () => {
        await work();
        toast(done);
        reload();
      }),
    );
    return one;
  };
  const recheck = doing(t("domains_recheck"), () => post(`${path}/recheck`), t("domains_rechecked", { host }));
  const primary = doing(t("domains_make_primary"), () => post(`${path}/primary`), t("domains_made_primary", { host }));
  return h(
    "div",
    { class: "actions" },
    state !== "live" && recheck,
    state === "live" && host !== session.tenant.primary && primary,
    session.role === "owner" && removal(host, path, reload),
  );
}

function removal(host: string, path: string, reload: () => void): HTMLElement {
  const remove = button(
    t("domains_remove"),
    async () => {
      const question = {
        title: t("domains_remove_title", { host }),
        text: t("domains_remove_text"),
        confirm: t("domains_remove"),
        danger: true,
        type: host,
      };
      if (!(await ask(question))) return;
      await act(remove, async () => {
        await call("DELETE", path);
        toast(t("domains_removed", { host }));
        reload();
      });
    },
    { class: "quiet" },
  );
  return remove;
}

function adding(session: Session, reload: () => void): Child {
  if (!session.features.own_domain) return h("p", { class: "hint" }, t("domains_feature"));
  if (!mayWrite(session)) return null;
  const name = h("input", {
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    inputmode: "url",
    required: true,
    maxlength: 253,
  });
  const add = h("button", { class: "primary" }, t("domains_add_go"));
  const submit = (event: Event): void => {
    event.preventDefault();
    void act(add, async () => {
      const host = name.value
        .trim()
        .toLowerCase()
        .replace(/^https?:\/\//, "")
        .replace(/\/.*$/, "");
      await post("/api/v1/account/hosts", { host });
      toast(t("domains_added", { host }));
      name.value = "";
      reload();
    });
  };
  return h(
    "section",
    { class: "card", "aria-labelledby": "add" },
    h("h2", { id: "add" }, t("domains_add")),
    h(
      "form",
      { onsubmit: submit, class: "stack", "data-errors": true },
      field(t("domains_add_label"), name),
      h("div", { class: "actions" }, add),
    ),
  );
}
