// Which page is shown, in which language. Links are links: the server answers each of them with this same page, and
// a click only saves the way there.
import { isCreator, resume, signedIn } from "./api.js";
import { el, failure, link } from "./parts.js";
import { PAGES } from "./pages.js";
import { count } from "./visits.js";

const main = document.getElementById("main");
const config = await fetch("/config.json", { cache: "no-cache" }).then((answer) => answer.json()).catch(cutOff);
const site = { config, t: {}, locale: "", pages: [], has: (module) => config.modules.includes(module), onLeave: null, go, draw };
let shownAt = "";
let drawing = 0;

async function speak(wanted) {
  site.locale = ["de", "en"].includes(wanted) ? wanted : config.locale === "en" ? "en" : "de";
  site.t = await fetch(new URL(`texts.${site.locale}.json`, import.meta.url)).then((answer) => answer.json()).catch(cutOff);
  sessionStorage.setItem("lang", site.locale);
  document.documentElement.lang = site.locale;
}

// Before there are texts: said in both languages. What comes next waits for the new start.
function cutOff() {
  const words = [["de", "Keine Verbindung."], ["en", "No connection."]].map(([lang, text]) => el("p", { lang }, text));
  main.append(el("div", { class: "notice bad", role: "alert" }, words, el("button", { type: "button", class: "quiet", onclick: () => location.reload() }, "↻ Neu laden / Reload")));
  return new Promise(() => {});
}

const here = () => location.pathname.replace(/(.)\/$/, "$1");
const at = (path) => (path === "/" ? here() === "/" : here() === path || here().startsWith(`${path}/`));

function frame() {
  const { t, pages } = site;
  const found = (place) => pages.filter((page) => page.place === place && (!page.admin || isCreator()));
  const links = (place) => found(place).map(({ path, word }) => link(path, t[word], { "aria-current": at(path) && "page" }));
  const other = site.locale === "de" ? "en" : "de";
  const nav = document.getElementById("nav");
  nav.setAttribute("aria-label", t.menu);
  const menu = el("details", { class: "menu" }, el("summary", {}, t.menu), el("div", {}, links("nav")));
  nav.replaceChildren(el("div", { class: "wide" }, links("nav")), menu);
  document.getElementById("tools").replaceChildren(...links("tool"), link(`${here()}?lang=${other}`, t.other, { lang: other, hreflang: other }));
  document.getElementById("foot").replaceChildren(el("nav", { "aria-label": t.more }, links("foot")), el("p", { class: "soft" }, `© ${new Date().getFullYear()} ${config.name}`));
  document.getElementById("skip").textContent = t.skip;
}

async function draw(focus = false) {
  const turn = (drawing += 1);
  const { t } = site;
  site.onLeave?.();
  site.onLeave = null;
  const page = site.pages.find(({ path }) => at(path));
  document.title = page && page.path !== "/" ? `${t[page.word]} · ${config.name}` : config.name;
  delete document.documentElement.dataset.ready;
  frame();
  if (page?.path !== shownAt) main.replaceChildren(el("p", { class: "soft", role: "status" }, t.loading));
  const parts = await drawn(page);
  if (turn !== drawing) return;
  shownAt = page?.path;
  main.replaceChildren(...parts.flat(Infinity).filter(Boolean));
  if (focus) arrive();
  await Promise.all([...main.querySelectorAll(".piece")].map((box) => box.drawn));
  if (turn === drawing) document.documentElement.dataset.ready = here();
}

async function drawn(page) {
  const was = signedIn();
  if (!page) return [el("h1", {}, site.t.not_found), el("p", {}, link("/", site.t.to_start))];
  try {
    return await page.draw(site, here().slice(page.path.length + 1));
  } catch (problem) {
    if (problem.code === "unauthorized" && was && !signedIn()) return drawn(page); // the session ended meanwhile
    return [el("h1", {}, site.t[page.word]), failure(site.t, problem, () => draw(true))];
  }
}

function arrive() {
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
  document.getElementById("news").textContent = document.title;
}

async function go(address) {
  history.pushState(null, "", address);
  const wanted = new URLSearchParams(location.search).get("lang");
  if (wanted) await speak(wanted);
  await draw(true);
  if (site.has("analytics")) count("pageview");
}

function clicked(event) {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.defaultPrevented) return;
  const to = new URL(anchor.href);
  if (to.origin !== location.origin || anchor.target || anchor.download || /^\/(api|media|ivs)\//.test(to.pathname)) return;
  if (to.pathname === location.pathname && to.hash) return;
  event.preventDefault();
  go(to.pathname + to.search);
}

await speak(new URLSearchParams(location.search).get("lang") || sessionStorage.getItem("lang") || config.locale);
site.pages = PAGES.filter((page) => !page.module || site.has(page.module));
if (site.has("user-auth")) await resume();
addEventListener("click", clicked);
addEventListener("popstate", () => draw(true));
addEventListener("online", () => main.querySelector(".notice button.quiet")?.click());
addEventListener("session-ended", () => { frame(); document.getElementById("news").textContent = site.t.session_over; });
addEventListener("signed", () => (signedIn(), draw(true)));
await draw();
if (site.has("analytics")) count("pageview");
