// Which page is shown, in which language. Links are links: the server answers each of them with this same page.
import { resume } from "./api.js";
import { el } from "./parts.js";
import { PAGES } from "./pages.js";

const config = await (await fetch("/config.json")).json();
const chosen = new URLSearchParams(location.search).get("lang") || sessionStorage.getItem("lang") || config.locale;
const locale = ["de", "en"].includes(chosen) ? chosen : "de";
sessionStorage.setItem("lang", locale);
const texts = await (await fetch(new URL(`texts.${locale}.json`, import.meta.url))).json();
const shown = PAGES.filter((page) => !page.module || config.modules.includes(page.module));
const at = location.pathname.replace(/(.)\/$/, "$1");
const main = document.getElementById("main");

async function draw() {
  const page = shown.find(({ path }) => path === at || (path !== "/" && at.startsWith(`${path}/`)));
  document.title = page ? `${texts[page.word]} · ${config.name}` : config.name;
  main.replaceChildren(el("p", { role: "status" }, texts.loading));
  try {
    const parts = page ? await page.draw(texts, locale, config, shown.slice(1)) : [el("h1", {}, texts.not_found)];
    const paid = new URLSearchParams(location.search).has("paid");
    main.replaceChildren(...(paid ? [el("p", { role: "status" }, texts.paid)] : []), ...parts.filter(Boolean));
  } catch (problem) {
    main.replaceChildren(el("h1", {}, page ? texts[page.word] : config.name), el("p", { role: "status" }, `${texts.failed} ${problem.message}`));
  }
}
document.documentElement.lang = locale;
document.getElementById("nav").setAttribute("aria-label", config.name);
document.getElementById("nav").replaceChildren(...shown.map(({ path, word }) => el("a", { href: path, "aria-current": path === at && "page" }, texts[word])));
document.getElementById("tools").replaceChildren(el("a", { href: `${at}?lang=${locale === "de" ? "en" : "de"}`, lang: locale === "de" ? "en" : "de" }, texts.other));
document.getElementById("foot").replaceChildren(el("p", { class: "soft" }, `© ${config.name}`));
if (config.modules.includes("user-auth")) await resume();
addEventListener("popstate", draw);
await draw();
document.documentElement.dataset.ready = "yes";
