/** Telling the person what happened, and asking before something cannot be undone. */
import { ApiError, sentence } from "./api.ts";
import { button, fill, h, type Child } from "./dom.ts";
import { t } from "./text.ts";

const SHOWN_MS = 6000;

export function toast(text: string): void {
  const box = document.getElementById("toasts")!;
  const note: HTMLElement = h(
    "div",
    { class: "toast" },
    h("p", {}, text),
    button("×", () => note.remove(), { "aria-label": t("close"), class: "quiet" }),
  );
  if (box.childElementCount > 1) box.firstElementChild!.remove();
  box.append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

export function announce(text: string): void {
  document.getElementById("live-region")!.textContent = text;
}

export function errorBox(error: unknown, retry?: () => unknown): HTMLElement {
  const id = error instanceof ApiError ? error.requestId : null;
  return h(
    "div",
    { class: "errors", role: "alert" },
    h("h2", {}, t("error_title")),
    h("p", {}, sentence(error)),
    id && id !== "local" && h("p", { class: "hint" }, t("request_id", { id })),
    retry && button(t("retry"), retry),
  );
}

export function stepUp(back: string): void {
  location.assign(`/auth/login?step_up=1&return=${encodeURIComponent(back)}`);
}

/** Runs an action of a button: busy while it lasts, its error beside it, a fresh sign-in if that is what is missing. */
export async function act(source: HTMLButtonElement, work: () => Promise<unknown>): Promise<void> {
  if (source.getAttribute("aria-disabled") === "true") return;
  const place = source.closest("[data-errors]") ?? source.parentElement!;
  place.querySelector(":scope > .errors")?.remove();
  source.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === "step_up_required") return stepUp(location.pathname);
    place.append(errorBox(error));
  } finally {
    source.removeAttribute("aria-disabled");
  }
}

export type Question = { title: string; text: Child; confirm: string; danger?: boolean; type?: string };

/** True once confirmed. With `type`, that word has to be typed first. */
export function ask({ title, text, confirm, danger = false, type }: Question): Promise<boolean> {
  const typed = h("input", { autocomplete: "off", spellcheck: "false", "aria-label": type ?? "" });
  const yes = h("button", { class: danger ? "danger" : "primary", value: "yes" }, confirm);
  const no = h("button", { value: "no", autofocus: true, formnovalidate: true }, t("cancel"));
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", {}, title),
    h("div", {}, text),
    type && typed,
    h("div", { class: "actions" }, yes, no),
  );
  const dialog = h("dialog", { "aria-label": title }, form);
  if (type) {
    typed.pattern = type.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    typed.required = true;
  }
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function copyable(value: string): HTMLElement {
  const copy: HTMLButtonElement = button(
    t("copy"),
    async () => {
      await navigator.clipboard.writeText(value);
      announce(t("copied"));
      copy.textContent = t("copied");
      setTimeout(() => (copy.textContent = t("copy")), 2000);
    },
    { class: "quiet small" },
  );
  return h("span", { class: "copyable" }, h("code", {}, value), copy);
}

/** A part of a page that loads by itself and fails by itself. */
export function part(load: () => Promise<Child>): HTMLElement {
  const place = h("div", { class: "part", "aria-busy": "true" }, h("p", { class: "hint" }, t("loading")));
  const run = async (): Promise<void> => {
    place.setAttribute("aria-busy", "true");
    try {
      fill(place, await load());
    } catch (error) {
      fill(place, errorBox(error, run));
    } finally {
      place.removeAttribute("aria-busy");
    }
  };
  void run();
  return place;
}
