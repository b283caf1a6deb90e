/** Choosing or dropping files, seeing what they would change, sending them. */
import { sort, tidy, type Picked, type Refused } from "../changes.ts";
import { button, fill, h, icon } from "../dom.ts";
import { announce, errorBox, toast } from "../feedback.ts";
import type { Draft, Session } from "../model.ts";
import { bytes, count, number, t } from "../text.ts";
import { chosen, dropped, hashAll, uploadAll, type Hashed } from "../upload.ts";

type Plan = { files: Hashed[]; fresh: number; changed: number; same: number; absent: string[]; refused: Refused[]; max: number };

export function uploadCard(session: Session, draft: Draft, reload: () => void): HTMLElement {
  const stage = h("div", { class: "stage" });
  const begin = (picked: Picked[]): void => void consider(stage, session, draft, picked, reload);
  const files = h("input", {
    type: "file",
    multiple: true,
    class: "vh",
    tabindex: "-1",
    "aria-hidden": "true",
    onchange: () => begin(chosen(files)),
  });
  const folder = h("input", {
    type: "file",
    multiple: true,
    webkitdirectory: true,
    class: "vh",
    tabindex: "-1",
    "aria-hidden": "true",
    onchange: () => begin(chosen(folder)),
  });
  const zone = h(
    "div",
    { class: "drop" },
    icon("upload"),
    h("p", {}, t("upload_drop")),
    h("p", { class: "hint" }, t("upload_or")),
    h(
      "div",
      { class: "actions" },
      button(t("upload_files"), () => files.click()),
      button(t("upload_folder"), () => folder.click()),
    ),
    files,
    folder,
    h("p", { class: "hint" }, t("upload_hint", { max: bytes(session.limits.file_bytes) })),
  );
  listen(zone, begin);
  return h("section", { class: "card", "aria-labelledby": "upload" }, h("h2", { id: "upload" }, t("upload_title")), zone, stage);
}

function listen(zone: HTMLElement, begin: (picked: Picked[]) => void): void {
  const over =
    (on: boolean) =>
    (event: DragEvent): void => {
      event.preventDefault();
      zone.classList.toggle("over", on);
    };
  zone.addEventListener("dragenter", over(true));
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer) void dropped(event.dataTransfer).then(begin);
  });
}

async function consider(stage: HTMLElement, session: Session, draft: Draft, picked: Picked[], reload: () => void): Promise<void> {
  fill(stage, h("p", { role: "status" }, t("plan_reading")));
  const { taken, refused } = sort(tidy(picked), session.limits.file_bytes);
  try {
    const max = session.limits.file_bytes;
    showPlan(stage, { ...planFor(draft, await hashAll(taken)), refused, max }, reload);
  } catch (error) {
    fill(stage, errorBox(error));
  }
}

function planFor(draft: Draft, files: Hashed[]): Omit<Plan, "refused" | "max"> {
  const before = draft.manifest.files;
  const fresh = files.filter(({ path }) => !before[path]).length;
  const changed = files.filter(({ path, sha256 }) => before[path] && before[path].h !== sha256).length;
  const sent = new Set(files.map(({ path }) => path));
  const absent = Object.keys(before).filter((path) => !sent.has(path));
  return { files, fresh, changed, same: files.length - fresh - changed, absent };
}

function showPlan(stage: HTMLElement, plan: Plan, reload: () => void): void {
  const { fresh, changed, same, absent } = plan;
  const replace = h("input", { type: "checkbox" });
  const nothing = !fresh && !changed && !absent.length;
  const go = button(t("plan_go"), () => run(stage, plan, replace.checked, reload), { class: "primary" });
  const heading = h("h3", { tabindex: "-1" }, t("plan_title"));
  fill(
    stage,
    heading,
    h("p", {}, nothing ? t("plan_nothing") : t("plan_summary", { new: number(fresh), changed: number(changed), same: number(same) })),
    refusedList(plan),
    absent.length > 0 &&
      plan.files.length > 0 &&
      h("label", { class: "check" }, replace, h("span", {}, t("plan_replace", { n: number(absent.length) }))),
    h(
      "div",
      { class: "actions" },
      !nothing && go,
      button(t("cancel"), () => fill(stage), { class: "quiet" }),
    ),
  );
  heading.focus();
}

function refusedList({ refused, max }: Plan): HTMLElement | null {
  if (!refused.length) return null;
  const reason = ({ path, reason }: Refused): HTMLElement =>
    h("li", {}, h("span", { class: "path" }, path), h("span", { class: "hint" }, " · ", t(`refused_${reason}`, { max: bytes(max) })));
  return h(
    "details",
    { class: "refused" },
    h("summary", {}, count("plan_refused", refused.length)),
    h("ul", {}, refused.slice(0, 100).map(reason)),
  );
}

async function run(stage: HTMLElement, plan: Plan, replace: boolean, reload: () => void): Promise<void> {
  const stop = new AbortController();
  const bar = h("progress", { max: Math.max(1, plan.files.length), value: 0 });
  const text = h("p", {});
  const label = h("label", {}, text, bar);
  fill(
    stage,
    label,
    h(
      "div",
      { class: "actions" },
      button(t("cancel"), () => stop.abort(), { class: "quiet" }),
    ),
  );
  try {
    await uploadAll(
      plan.files,
      replace ? plan.absent : [],
      ({ done, all, waiting }) => {
        bar.max = Math.max(1, all);
        bar.value = done;
        text.textContent = waiting ? t("upload_waiting") : t("uploading", { done: number(done), all: number(all) });
      },
      stop.signal,
    );
    toast(t("upload_done"));
    reload();
  } catch (error) {
    if (stop.signal.aborted) fill(stage, h("p", { role: "status" }, t("upload_stopped")));
    else
      fill(
        stage,
        errorBox(error, () => run(stage, plan, replace, reload)),
      );
  }
  announce(stage.textContent ?? "");
}
