/** The view one works in: what is online, what is in the draft, and how to get from one to the other. */
import { get, post } from "../api.ts";
import { compare, sameSettings, type Change } from "../changes.ts";
import { button, h, icon, pill, type Child } from "../dom.ts";
import { act, announce, ask, part, toast } from "../feedback.ts";
import { loadDraft, mayWrite, type Draft, type Session, type Site } from "../model.ts";
import type { Manifest } from "../../../shared/site.ts";
import { bytes, count, number, t, when } from "../text.ts";
import { resetDraft } from "../upload.ts";
import { exportsCard } from "./exports.ts";
import { fileList } from "./files.ts";
import { settingsForm } from "./settings.ts";
import { uploadCard } from "./uploading.ts";

type State = { session: Session; site: Site; draft: Draft; live: Manifest | null; changes: Change[]; settings: boolean };
const SHOWN = 12;

export function siteView(session: Session): HTMLElement {
  const heading = h("h1", {}, t("site_title"));
  if (session.tenant.status === "offboarding") return h("div", { class: "stack" }, heading, exportsCard(session));
  const body = h("div", {});
  const reload = (): void => body.replaceChildren(part(async () => cards(await load(session), reload)));
  reload();
  return h("div", { class: "stack" }, heading, body, exportsCard(session));
}

async function load(session: Session): Promise<State> {
  const [site, draft] = await Promise.all([get<Site>("/api/v1/site"), loadDraft()]);
  const live = site.live ? await get<Manifest>(`/api/v1/releases/${site.live.release}`) : null;
  const changes = compare(live?.files ?? {}, draft.manifest.files);
  const settings = live !== null && !sameSettings(live, draft.manifest);
  return { session, site, draft, live, changes, settings };
}

function cards(state: State, reload: () => void): Child {
  const { session, draft } = state;
  const writable = mayWrite(session);
  return h(
    "div",
    { class: "stack" },
    h("div", { class: "pair" }, liveCard(state), draftCard(state, reload)),
    writable && uploadCard(session, draft, reload),
    usage(state),
    fileList(draft, writable, reload),
    writable && settingsForm(session, draft, reload),
  );
}

function liveCard({ site }: State): HTMLElement {
  const { live, url } = site;
  return h(
    "section",
    { class: "card", "aria-labelledby": "live" },
    h("h2", { id: "live" }, t("live_title")),
    live
      ? [
          h(
            "p",
            {},
            pill("ok", t("live_version", { n: live.n })),
            " ",
            h("span", { class: "hint" }, t("live_since", { when: when(live.at) })),
          ),
          h("p", { class: "address" }, h("a", { href: url, target: "_blank", rel: "noopener" }, url)),
        ]
      : [h("p", {}, t("live_none")), h("p", { class: "hint" }, t("live_none_hint"))],
  );
}

function draftCard(state: State, reload: () => void): HTMLElement {
  const { session, draft, changes, settings } = state;
  const all = changes.length + (settings ? 1 : 0);
  const hasFiles = Object.keys(draft.manifest.files).length > 0;
  const headline = !hasFiles ? t("draft_empty") : all ? count("draft_changes", all) : t("draft_same");
  return h(
    "section",
    { class: "card", "aria-labelledby": "draft", "data-errors": true },
    h("h2", { id: "draft" }, t("draft_title")),
    h("p", {}, headline),
    changeList(changes, settings),
    h(
      "div",
      { class: "actions" },
      mayWrite(session) && all > 0 && hasFiles && publishButton(state, reload),
      hasFiles && session.features.preview && previewButton(),
      mayWrite(session) && all > 0 && state.live && discardButton(state, state.live, reload),
    ),
  );
}

function changeList(changes: Change[], settings: boolean): Child {
  const sign = { new: "+", changed: "~", removed: "−" };
  const row = ({ path, kind }: Change): HTMLElement =>
    h(
      "li",
      { class: kind },
      h("span", { class: "sign", "aria-hidden": "true" }, sign[kind]),
      h("span", { class: "path" }, path),
      h("span", { class: "hint" }, t(`change_${kind}`)),
    );
  const rows = changes.map(row);
  const extra = settings
    ? h("li", { class: "changed" }, h("span", { class: "sign", "aria-hidden": "true" }, "~"), t("draft_settings"))
    : null;
  const list = h("ul", { class: "changes" }, extra, rows.slice(0, SHOWN));
  if (rows.length <= SHOWN) return rows.length || extra ? list : null;
  const more = button(
    `${t("more")} (${number(rows.length - SHOWN)})`,
    () => {
      list.append(...rows.slice(SHOWN));
      more.remove();
    },
    { class: "quiet" },
  );
  return [list, more];
}

function publishButton({ site, draft }: State, reload: () => void): HTMLElement {
  const publish = button(
    t("publish"),
    async () => {
      if (!(await ask({ title: t("publish_title"), text: t("publish_text"), confirm: t("publish") }))) return;
      announce(t("publishing"));
      await act(publish, async () => {
        const wanted = { draft_etag: draft.etag.replaceAll('"', ""), expect_live: site.live?.release ?? null };
        const { n } = await post<{ n: number }>("/api/v1/publish", wanted);
        toast(t("published", { n }));
        reload();
      });
    },
    { class: "primary" },
  );
  publish.prepend(icon("upload"));
  return publish;
}

/** The window is opened at once, inside the click, or the browser would take it for an advertisement. */
function previewButton(): HTMLElement {
  const open = button(t("preview"), () => {
    const opened = window.open("about:blank", "_blank");
    if (opened) opened.opener = null;
    return act(open, async () => {
      const { url } = await post<{ url: string }>("/api/v1/preview").catch((error: unknown) => {
        opened?.close();
        throw error;
      });
      if (opened) opened.location.replace(url);
      else open.after(h("p", {}, t("preview_blocked"), " ", h("a", { href: url, target: "_blank", rel: "noopener" }, t("preview_link"))));
    });
  });
  return open;
}

function discardButton({ draft, changes }: State, live: Manifest, reload: () => void): HTMLElement {
  const discard = button(
    t("discard"),
    async () => {
      const question = { title: t("discard_title"), text: t("discard_text", { n: changes.length }), confirm: t("discard"), danger: true };
      if (await ask(question))
        await act(discard, async () => {
          await resetDraft(draft, live);
          toast(t("discarded"));
          reload();
        });
    },
    { class: "quiet" },
  );
  return discard;
}

function usage({ session, draft }: State): HTMLElement {
  const files = Object.values(draft.manifest.files);
  const used = files.reduce((sum, file) => sum + file.s, 0);
  const { site_bytes: max, files: most } = session.limits;
  const one = (label: string, value: number, limit: number): HTMLElement =>
    h("label", {}, label, h("meter", { min: 0, max: limit, high: limit * 0.9, value }));
  return h(
    "section",
    { class: "card meters", "aria-labelledby": "usage" },
    h("h2", { id: "usage" }, t("usage_title")),
    one(t("usage_bytes", { used: bytes(used), max: bytes(max) }), used, max),
    one(t("usage_files", { used: number(files.length), max: number(most) }), files.length, most),
  );
}
