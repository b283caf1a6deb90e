/** The frame around every view: where one is, whose website it is, and what everybody must know first. */
import { call } from "./api.ts";
import { button, fill, h, icon, type Icon } from "./dom.ts";
import { act } from "./feedback.ts";
import { chooseLanguage, chooseTheme, chosenTheme, type Session } from "./model.ts";
import { currentLanguage, day, known, t, type Key, type Language } from "./text.ts";

export type View = { path: string; title: Key; icon: Icon };
export const VIEWS: View[] = [
  { path: "/", title: "nav_site", icon: "site" },
  { path: "/versions", title: "nav_versions", icon: "versions" },
  { path: "/messages", title: "nav_messages", icon: "messages" },
  { path: "/domains", title: "nav_domains", icon: "domains" },
  { path: "/invoices", title: "nav_invoices", icon: "invoices" },
];

export function frame(session: Session, path: string, content: Node, render: () => void): void {
  fill(
    document.getElementById("app")!,
    h("a", { class: "skip", href: "#main" }, t("skip")),
    header(session, render),
    h("div", { class: "columns" }, navigation(path), h("main", { id: "main", tabindex: "-1" }, banner(session), content)),
    footer(render),
  );
}

function header(session: Session, render: () => void): HTMLElement {
  const leave = button(
    t("sign_out"),
    () =>
      act(leave, async () => {
        await call("POST", "/auth/logout", { body: {} });
        location.assign("/");
      }),
    { class: "quiet" },
  );
  leave.prepend(icon("out"));
  return h(
    "header",
    {},
    h("a", { class: "brand", href: "/" }, h("span", { class: "mark", "aria-hidden": "true" }), t("app")),
    sites(session),
    h(
      "div",
      { class: "account", role: "group", "aria-label": t("account") },
      languages(render),
      h("span", { class: "who" }, session.user.name || session.user.email),
      h("a", { class: "button quiet", href: session.portal }, t("to_portal")),
      leave,
    ),
  );
}

function sites(session: Session): HTMLElement {
  if (session.tenants.length < 2) return h("span", { class: "tenant" }, session.tenant.primary);
  const choice = h(
    "select",
    {
      "aria-label": t("site_choice"),
      onchange: async () => {
        await call("POST", "/api/v1/session/tenant", { body: { tenant_id: choice.value } });
        location.assign("/");
      },
    },
    session.tenants.map(({ id, slug }) => h("option", { value: id, selected: id === session.tenant.id }, slug)),
  );
  return choice;
}

export function languages(render: () => void): HTMLElement {
  const one = (language: Language, name: string): HTMLElement => {
    const choose = button(
      name,
      () => {
        chooseLanguage(language);
        render();
      },
      { class: "quiet small", lang: language },
    );
    choose.setAttribute("aria-pressed", String(currentLanguage() === language));
    return choose;
  };
  return h("div", { class: "languages", role: "group", "aria-label": t("language") }, one("de", "Deutsch"), one("en", "English"));
}

function navigation(path: string): HTMLElement {
  const links = VIEWS.map((view) => {
    const current = view.path === path ? "page" : null;
    return h("li", {}, h("a", { href: view.path, "aria-current": current }, icon(view.icon), t(view.title)));
  });
  return h("nav", { "aria-label": t("nav") }, h("ul", {}, links));
}

function footer(render: () => void): HTMLElement {
  const themes: [string, Key][] = [
    ["system", "theme_system"],
    ["light", "theme_light"],
    ["dark", "theme_dark"],
  ];
  const choice = h(
    "select",
    {
      onchange: () => {
        chooseTheme(choice.value);
        render();
      },
    },
    themes.map(([value, key]) => h("option", { value, selected: value === chosenTheme() }, t(key))),
  );
  return h("footer", {}, h("label", {}, t("theme"), " ", choice));
}

function banner({ tenant }: Session): HTMLElement | null {
  const [kind = "", date] = (tenant.banner ?? "").split(":");
  const text = date ? t("banner_suspends_at", { date: day(date) }) : known("banner", kind || tenant.status, "app");
  const shown = kind || ["provisioning", "past_due", "suspended", "frozen", "offboarding"].includes(tenant.status);
  if (!shown) return null;
  const toBilling = kind || ["past_due", "suspended"].includes(tenant.status);
  return h(
    "section",
    { class: "banner", "aria-label": t("nav_invoices") },
    h("p", {}, text),
    toBilling && h("a", { href: "/invoices" }, t("banner_to_billing")),
  );
}

export function welcome(problem: string | null, render: () => void): void {
  const back = location.pathname === "/" ? "" : `?return=${encodeURIComponent(location.pathname)}`;
  fill(
    document.getElementById("app")!,
    h(
      "main",
      { class: "splash", id: "main" },
      h("span", { class: "mark", "aria-hidden": "true" }),
      h("h1", {}, t("sign_in_title")),
      problem && h("p", { class: "banner", role: "alert" }, known("problem", problem, "error_other")),
      h("p", { class: "lead" }, t("sign_in_lead")),
      h("a", { class: "button primary", href: `/auth/login${back}` }, t("sign_in")),
      languages(render),
    ),
  );
}
