import { readRedirects, redirectsText } from "../changes.ts";
import { field, h } from "../dom.ts";
import { act, toast } from "../feedback.ts";
import { commit, type Draft, type Session } from "../model.ts";
import { t } from "../text.ts";

const SLASHES = ["add", "strip", "keep"] as const;

export function settingsForm(session: Session, draft: Draft, reload: () => void): HTMLElement {
  const { settings } = draft.manifest;
  const slash = h(
    "select",
    {},
    SLASHES.map((value) => h("option", { value, selected: value === settings.slash }, t(`settings_slash_${value}`))),
  );
  const spa = h("input", { type: "checkbox", checked: settings.spa, disabled: !session.features.spa });
  const redirects = h("textarea", { rows: 5, spellcheck: "false", class: "code" }, redirectsText(draft.manifest));
  const save = h("button", {}, t("settings_save"));
  const submit = (event: Event): void => {
    event.preventDefault();
    void act(save, async () => {
      const changed = { slash: slash.value, spa: spa.checked, redirects: readRedirects(redirects.value) };
      await commit(draft, { settings: changed });
      toast(t("saved"));
      reload();
    });
  };
  return h(
    "details",
    { class: "card" },
    h("summary", {}, t("settings_title")),
    h(
      "form",
      { onsubmit: submit, class: "stack", "data-errors": true },
      field(t("settings_slash"), slash),
      h(
        "label",
        { class: "check" },
        spa,
        h("span", {}, t("settings_spa"), !session.features.spa && h("span", { class: "hint" }, " ", t("settings_spa_hint"))),
      ),
      field(t("settings_redirects"), redirects, t("settings_redirects_hint")),
      h("div", { class: "actions" }, save),
    ),
  );
}
