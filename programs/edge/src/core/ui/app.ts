/** Starts the studio: who is there, which view, and staying on this page when a link leads to another one of ours. */
import { fill, h } from "./dom.ts";
import { errorBox } from "./feedback.ts";
import { browserLanguage, loadSession, showTheme, type Session } from "./model.ts";
import { VIEWS, frame, welcome } from "./shell.ts";
import { setLanguage, t } from "./text.ts";
import { domainsView } from "./views/domains.ts";
import { invoicesView } from "./views/invoices.ts";
import { messagesView } from "./views/messages.ts";
import { siteView } from "./views/site.ts";
import { versionsView } from "./views/versions.ts";

const RENDER: Record<string, (session: Session) => HTMLElement> = {
  "/": siteView,
  "/versions": versionsView,
  "/messages": messagesView,
  "/domains": domainsView,
  "/invoices": invoicesView,
};
let session: Session | null = null;
const problem = new URLSearchParams(location.search).get("problem");

function render(): void {
  if (!session) return welcome(problem, render);
  const view = VIEWS.find(({ path }) => path === location.pathname) ?? VIEWS[0]!;
  document.title = `${t(view.title)} · ${session.tenant.slug} · ${t("app")}`;
  frame(session, view.path, RENDER[view.path]!(session), render);
}

function follow(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || !session || link.origin !== location.origin || !RENDER[link.pathname] || link.hash) return;
  event.preventDefault();
  if (link.pathname !== location.pathname) history.pushState(null, "", link.pathname);
  render();
  document.getElementById("main")?.focus();
  scrollTo(0, 0);
}

async function start(): Promise<void> {
  showTheme();
  setLanguage(browserLanguage());
  fill(document.getElementById("app")!, h("main", { class: "splash", id: "main" }, h("p", { role: "status" }, t("loading"))));
  try {
    session = await loadSession();
    render();
  } catch (error) {
    fill(
      document.getElementById("app")!,
      h("main", { class: "splash", id: "main" }, errorBox(error, start), h("a", { href: "/auth/login" }, t("sign_in"))),
    );
  }
}

document.addEventListener("click", follow);
addEventListener("popstate", render);
// A page brought back from the browser's memory may belong to somebody who has signed out since.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
void start();
