import { button, fill, h, icon } from "../dom.ts";
import { act, toast } from "../feedback.ts";
import { commit, type Draft } from "../model.ts";
import { bytes, number, t } from "../text.ts";

const PAGE = 100;

export function fileList(draft: Draft, writable: boolean, reload: () => void): HTMLElement | null {
  const paths = Object.keys(draft.manifest.files).sort();
  if (!paths.length) return null;
  const results = h("div", {});
  const search = h("input", { type: "search", "aria-label": t("files_filter"), placeholder: t("files_filter"), autocomplete: "off" });
  const show = (limit: number): void => {
    const found = paths.filter((path) => path.toLowerCase().includes(search.value.trim().toLowerCase()));
    const rest = found.length - limit;
    const more = rest > 0 ? button(`${t("more")} (${number(rest)})`, () => show(limit + PAGE), { class: "quiet" }) : null;
    fill(results, found.length ? table(draft, found.slice(0, limit), writable, reload) : h("p", {}, t("files_none")), more);
  };
  search.addEventListener("input", () => show(PAGE));
  show(PAGE);
  return h(
    "section",
    { class: "card", "aria-labelledby": "files" },
    h("div", { class: "heading" }, h("h2", { id: "files" }, t("files_title")), paths.length > 10 && search),
    results,
  );
}

function table(draft: Draft, paths: string[], writable: boolean, reload: () => void): HTMLElement {
  const row = (path: string): HTMLElement =>
    h(
      "tr",
      {},
      h("th", { scope: "row", class: "path" }, path),
      h("td", { class: "number", "data-label": t("files_size") }, bytes(draft.manifest.files[path]!.s)),
      writable && h("td", { class: "number", "data-errors": true }, removal(draft, path, reload)),
    );
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, t("files_path")),
    h("th", { scope: "col", class: "number" }, t("files_size")),
    writable && h("th", { scope: "col", class: "number" }, h("span", { class: "vh" }, t("files_action"))),
  );
  return h("table", {}, h("caption", { class: "vh" }, t("files_title")), h("thead", {}, head), h("tbody", {}, paths.map(row)));
}

function removal(draft: Draft, path: string, reload: () => void): HTMLElement {
  const remove = button(
    "",
    () =>
      act(remove, async () => {
        await commit(draft, { delete: [path] });
        toast(t("files_deleted", { path }));
        reload();
      }),
    { class: "quiet small", "aria-label": t("files_delete", { path }), title: t("files_delete", { path }) },
  );
  remove.append(icon("bin"));
  return remove;
}
