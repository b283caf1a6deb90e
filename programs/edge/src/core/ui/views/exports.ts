/** Taking everything along: the right of every owner, also when the website has ended. */
import { get, post } from "../api.ts";
import { button, h, pill, type Child } from "../dom.ts";
import { act, part, toast } from "../feedback.ts";
import type { Session } from "../model.ts";
import { bytes, t, when } from "../text.ts";

type Export = { id: string; created_at: string; state: "preparing" | "ready" | "failed"; bytes: number | null; url: string | null };

export function exportsCard(session: Session): HTMLElement | null {
  if (session.role !== "owner" || ["frozen", "gone"].includes(session.tenant.status)) return null;
  const list = h("div", {});
  const reload = (): void => list.replaceChildren(part(exports));
  const start = button(t("exports_start"), () =>
    act(start, async () => {
      await post("/api/v1/account/exports");
      toast(t("exports_started"));
      reload();
    }),
  );
  reload();
  return h(
    "section",
    { class: "card", "aria-labelledby": "exports", "data-errors": true },
    h("h2", { id: "exports" }, t("exports_title")),
    h("p", { class: "hint" }, t("exports_lead")),
    list,
    h("div", { class: "actions" }, start),
  );
}

async function exports(): Promise<Child> {
  const { exports: found } = await get<{ exports: Export[] }>("/api/v1/account/exports");
  return found.length ? h("ul", { class: "plain stack" }, found.map(entry)) : h("p", {}, t("exports_none"));
}

function entry({ created_at: at, state, bytes: size, url }: Export): HTMLElement {
  const kind = state === "ready" ? "ok" : state === "failed" ? "danger" : "running";
  const link = url && /^https?:\/\//.test(url) && h("a", { href: url, rel: "noopener" }, t("exports_download"));
  return h(
    "li",
    { class: "heading" },
    h("time", { datetime: at }, when(at)),
    pill(kind, t(`exports_${state}`)),
    size !== null && h("span", { class: "hint" }, bytes(size)),
    state === "ready" && link,
  );
}
