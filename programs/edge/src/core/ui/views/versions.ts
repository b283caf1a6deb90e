import { get, post } from "../api.ts";
import { button, h, pill, type Child } from "../dom.ts";
import { act, ask, part, toast } from "../feedback.ts";
import { mayWrite, type Release, type Session } from "../model.ts";
import { bytes, number, t, when } from "../text.ts";

export function versionsView(session: Session): HTMLElement {
  const body = h("div", {});
  const reload = (): void => body.replaceChildren(part(() => list(session, reload)));
  reload();
  return h("div", { class: "stack" }, h("h1", {}, t("versions_title")), h("p", { class: "lead" }, t("versions_lead")), body);
}

async function list(session: Session, reload: () => void): Promise<Child> {
  const { releases } = await get<{ releases: Release[] }>("/api/v1/releases");
  const live = releases.find((release) => release.live);
  if (!live) return h("p", { class: "card" }, t("versions_none"));
  return h(
    "ol",
    { class: "timeline", reversed: true },
    releases.map((release) => entry(session, release, live, reload)),
  );
}

function entry(session: Session, release: Release, live: Release, reload: () => void): HTMLElement {
  const facts = [
    t("versions_facts", { files: number(release.files), bytes: bytes(release.bytes) }),
    author(session, release),
    kind(release),
  ];
  return h(
    "li",
    { class: "card", "data-errors": true },
    h("div", { class: "heading" }, h("h2", {}, t("live_version", { n: release.n })), release.live && pill("ok", t("versions_live"))),
    h("p", {}, h("time", { datetime: release.at }, when(release.at))),
    h("p", { class: "hint" }, facts.filter(Boolean).join(" · ")),
    !release.live && mayWrite(session) && h("div", { class: "actions" }, rollbackButton(release, live, reload)),
  );
}

function author(session: Session, { by }: Release): string {
  if (by === session.user.id) return t("versions_by_me");
  return by === "control-plane" ? t("versions_by_us") : t("versions_by_team");
}

function kind(release: Release): string {
  if (release.kind === "rollback") return t("versions_kind_rollback");
  return release.kind === "restore" ? t("versions_kind_restore") : "";
}

function rollbackButton(release: Release, live: Release, reload: () => void): HTMLElement {
  const back = button(t("rollback"), async () => {
    const question = {
      title: t("rollback_title", { n: release.n }),
      text: t("rollback_text", { when: when(release.at) }),
      confirm: t("rollback"),
    };
    if (!(await ask(question))) return;
    await act(back, async () => {
      const { n } = await post<{ n: number }>("/api/v1/rollback", { release: release.release, expect_live: live.release });
      toast(t("rolled_back", { n }));
      reload();
    });
  });
  return back;
}
