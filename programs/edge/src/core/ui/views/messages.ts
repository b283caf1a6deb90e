import { call, get, post } from "../api.ts";
import { button, field, h, pill, type Child } from "../dom.ts";
import { act, ask, part, toast } from "../feedback.ts";
import { mayWrite, type Session } from "../model.ts";
import { t, when } from "../text.ts";
import type { Submission } from "../../../shared/submission.ts";

type Page = { submissions: Submission[]; cursor: string | null };

export function messagesView(session: Session): HTMLElement {
  return h(
    "div",
    { class: "stack" },
    h("h1", {}, t("messages_title")),
    h("p", { class: "lead" }, t("messages_lead")),
    part(async () => {
      const first = await get<Page>("/api/v1/inbox");
      return first.submissions.length ? pages(session, first) : h("p", { class: "card" }, t("messages_none"));
    }),
    h(
      "section",
      { class: "card", "aria-labelledby": "recipients" },
      h("h2", { id: "recipients" }, t("recipients_title")),
      part(() => recipients(session)),
    ),
  );
}

function pages(session: Session, first: Page): Child {
  const list = h(
    "ul",
    { class: "plain stack" },
    first.submissions.map((one) => message(session, one)),
  );
  const place = h("div", { class: "stack", "data-errors": true }, list);
  const next = (cursor: string): HTMLElement => {
    const older = button(t("older"), () =>
      act(older, async () => {
        const page = await get<Page>(`/api/v1/inbox?cursor=${encodeURIComponent(cursor)}`);
        list.append(...page.submissions.map((one) => message(session, one)));
        older.remove();
        if (page.cursor) place.append(next(page.cursor));
      }),
    );
    return older;
  };
  if (first.cursor) place.append(next(first.cursor));
  return place;
}

function message(session: Session, one: Submission): HTMLElement {
  const { fields } = one;
  const from = fields.name || fields.email || Object.values(fields)[0] || one.form;
  const pairs = Object.entries(fields).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
  const item = h("li", { class: "card message", "data-errors": true });
  item.append(
    h(
      "details",
      {},
      h(
        "summary",
        {},
        h("strong", {}, from.slice(0, 120)),
        h("time", { class: "hint", datetime: one.at }, when(one.at)),
        one.sent ? pill("ok", t("messages_sent")) : pill("waiting", t("messages_unsent")),
      ),
      h("p", { class: "hint" }, `${t("messages_form", { form: one.form })} · ${one.host}`),
      h("dl", {}, pairs),
      mayWrite(session) && h("div", { class: "actions" }, removal(one, item)),
    ),
  );
  return item;
}

function removal(one: Submission, item: HTMLElement): HTMLElement {
  const remove = button(
    t("delete"),
    async () => {
      const question = { title: t("messages_delete_title"), text: t("messages_delete_text"), confirm: t("delete"), danger: true };
      if (!(await ask(question))) return;
      await act(remove, async () => {
        await call("DELETE", `/api/v1/inbox/${one.id}`);
        toast(t("messages_deleted"));
        item.remove();
      });
    },
    { class: "quiet" },
  );
  return remove;
}

async function recipients(session: Session): Promise<Child> {
  const { to } = await get<{ to: string[] }>("/api/v1/account/forms/recipients");
  if (!mayWrite(session))
    return h(
      "ul",
      {},
      to.map((address) => h("li", {}, address)),
    );
  const box = h("textarea", { rows: 3, autocomplete: "off", spellcheck: "false" }, to.join("\n"));
  const save = h("button", {}, t("recipients_save"));
  const test = button(
    t("recipients_test"),
    () =>
      act(test, async () => {
        await post("/api/v1/inbox/test");
        toast(t("recipients_tested"));
      }),
    { class: "quiet" },
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    void act(save, async () => {
      const wanted = box.value.split(/[\s,;]+/).filter(Boolean);
      await call("PUT", "/api/v1/account/forms/recipients", { body: { to: wanted } });
      toast(t("saved"));
    });
  };
  return h(
    "form",
    { onsubmit: submit, class: "stack", "data-errors": true },
    field(t("recipients_label"), box, t("recipients_hint")),
    h("div", { class: "actions" }, save, test),
  );
}
