// The first page: who this is, what is on now, and where to go.
import { call } from "./api.js";
import { card, el, grid, link, moment, paragraphs, piece, pill, words } from "./parts.js";
import { productCard } from "./shop.js";
import { banner } from "./sponsors.js";
import { letterForm } from "./letters.js";

export function home(site) {
  const { t, config, has } = site;
  const own = words(site);
  const top = el("div", { class: "hero" }, el("h1", {}, config.name), el("p", { class: "lead" }, own.tagline || t.lead),
    has("ivs-streaming") && piece(t, () => onAir(t)));
  const about = own.about && el("section", {}, el("h2", {}, t.about), paragraphs(own.about));
  return [top, has("sponsor-system") && banner(site, "top"), about, has("events") && next(site), has("shop") && wares(site), doors(site),
    has("newsletter") && el("section", { class: "band" }, el("h2", {}, t.newsletter), el("p", {}, t.newsletter_lead), letterForm(site)),
    has("sponsor-system") && banner(site, "bottom")];
}

async function onAir(t) {
  const { live } = await call("GET", "/stream/status");
  return el("p", { class: "air" }, pill(live ? t.live : t.offline, live ? "hot" : ""), " ", link("/stream", live ? t.watch : t.to_stream, { class: "button" }));
}

function next(site) {
  const { t, locale } = site;
  const draw = async () => {
    const { items } = await call("GET", `/events?from=${new Date().toISOString().slice(0, 19)}Z`);
    if (!items.length) return [];
    const cards = items.slice(0, 3).map((one) => card(el("p", { class: "when" }, moment(locale, one.date)), el("h3", {}, link("/events", one.title)), el("p", { class: "soft" }, one.location)));
    return [el("h2", {}, t.next_events), grid(t, cards)];
  };
  return piece(t, draw);
}

function wares(site) {
  const draw = async () => {
    const { items } = await call("GET", "/shop/products");
    return items.length ? [el("h2", {}, site.t.from_shop), grid(site.t, items.slice(0, 3).map((one) => productCard(site, one)))] : [];
  };
  return piece(site.t, draw);
}

function doors({ t, pages }) {
  const shown = pages.filter(({ place, word }) => place === "nav" && t[`about_${word}`]);
  return el("section", {}, el("h2", {}, t.discover), el("ul", { class: "doors" }, shown.map(({ path, word }) => el("li", {}, link(path, t[word]), el("span", { class: "soft" }, t[`about_${word}`])))));
}
