// One function per page: (texts, locale, config) → elements. What a creator switched off is not in the list.
import { call } from "./api.js";
import { account } from "./account.js";
import { el, field, form, moment, money, tick } from "./parts.js";
import { stream } from "./stream.js";

const page = (title, ...parts) => [el("h1", {}, title), ...parts];
const grid = (texts, cards) => (cards.length ? el("div", { class: "grid" }, cards) : el("p", { class: "soft" }, texts.nothing));
const pay = async (path, body) => void location.assign((await call("POST", path, body)).checkoutUrl);

async function shop(t, locale) {
  const { items } = await call("GET", "/shop/products");
  const order = (id) => (f, attempt) => {
    const { qty, ...address } = f;
    return pay("/shop/checkout", { attempt, items: [{ productId: id, qty: Number(qty) }], address });
  };
  const where = () => ["name", "street", "zip", "city"].map((key) => field(t[key], { name: key }));
  return page(t.shop, grid(t, items.map((p) => el("article", { class: "card" },
    p.images[0] ? el("img", { src: p.images[0], alt: "" }) : "", el("h2", {}, p.title), el("p", {}, p.description),
    el("p", { class: "price" }, money(locale, p.price)), el("p", { class: "soft" }, `${t.left}: ${p.stock}`),
    form(t, t.buy, order(p.productId), field(t.quantity, { name: "qty", type: "number", min: 1, max: 20, value: 1 }), where(),
      field(t.country, { name: "country", pattern: "[A-Z]{2}", value: "DE" }))))));
}

async function events(t, locale) {
  const { items } = await call("GET", "/events");
  const book = (id) => async (f, attempt) => {
    const found = await call("POST", `/events/${id}/tickets`, { attempt, qty: Number(f.qty) });
    if (found.checkoutUrl) location.assign(found.checkoutUrl);
  };
  return page(t.events, grid(t, items.map((e) => el("article", { class: "card" },
    el("h2", {}, e.title), el("p", { class: "soft" }, `${moment(locale, e.date)} · ${e.location}`), el("p", {}, e.description),
    el("p", { class: "price" }, money(locale, e.price)), el("p", { class: "soft" }, `${t.left}: ${e.remaining}`),
    form(t, t.tickets, book(e.eventId), field(t.quantity, { name: "qty", type: "number", min: 1, max: 20, value: 1 }))))));
}

async function polls(t) {
  const { items } = await call("GET", "/polls");
  const vote = (id) => async (_f, _attempt, node = document.getElementById(id)) => {
    const choices = [...node.querySelectorAll("input:checked")].map((box) => Number(box.value));
    await call("POST", `/polls/${id}/vote`, { choices });
  };
  const options = (p) => p.options.map((text, at) => tick(p.counts ? `${text} (${p.counts[at]})` : text,
    { type: p.mode === "multi" ? "checkbox" : "radio", name: "choice", value: at }));
  return page(t.polls, grid(t, items.map((p) => el("article", { class: "card", id: p.pollId },
    el("h2", {}, p.question), form(t, t.vote, vote(p.pollId), options(p))))));
}

async function membership(t) {
  const { items } = await call("GET", "/membership/plans");
  return page(t.membership, grid(t, items.map((plan) => el("article", { class: "card" }, el("h2", {}, plan.name),
    el("ul", {}, [plan.perks].flat().map((perk) => el("li", {}, String(perk)))),
    form(t, t.join, (_f, attempt) => pay("/membership/checkout", { attempt, planId: plan.id }))))));
}

async function donations(t, locale) {
  const wall = await call("GET", "/donations/wall");
  const give = (f, attempt) => pay("/donations/checkout", {
    attempt, amount: Math.round(Number(f.amount) * 100), public: f.public === "on",
    ...(f.displayName && { displayName: f.displayName }), ...(f.message && { message: f.message }),
  });
  return page(t.donations, wall.goal ? el("p", { class: "price" }, `${money(locale, wall.raised)} / ${money(locale, wall.goal)}`) : "",
    form(t, t.give, give, field(t.amount, { name: "amount", type: "number", min: 1, step: "0.01" }),
      field(t.shown_name, { name: "displayName", maxlength: 40, required: false }),
      field(t.message, { name: "message", maxlength: 200, required: false }, "textarea"), tick(t.public, { name: "public" })),
    el("h2", {}, t.wall), grid(t, wall.items.map((one) => el("article", { class: "card" },
      el("h2", {}, one.displayName || "–"), el("p", { class: "price" }, money(locale, one.amount)), el("p", {}, one.message || "")))));
}

async function sponsors(t) {
  const { slots } = await call("GET", "/sponsor/active");
  const book = async (f, attempt) => {
    const found = await call("POST", "/sponsor/bookings", { attempt, ...f });
    if (found.checkoutUrl) location.assign(found.checkoutUrl);
  };
  return page(t.sponsors, grid(t, Object.values(slots).map((s) => el("article", { class: "card" },
    s.imageUrl ? el("img", { src: s.imageUrl, alt: "" }) : "",
    el("a", { href: `/api/sponsor/${s.sponsorId}/click`, rel: "sponsored noopener" }, s.company)))),
    form(t, t.book, book, field(t.company, { name: "company", maxlength: 80 }), field(t.slot, { name: "slot", maxlength: 10 }),
      field(t.from, { name: "startDate", type: "date" }), field(t.to, { name: "endDate", type: "date" }),
      field(t.target, { name: "targetUrl", type: "url" })));
}

function contact(t) {
  const startedAt = Date.now();
  const send = async (f) => (await call("POST", "/contact", { ...f, startedAt }), t.thanks);
  return page(t.contact, form(t, t.send, send, field(t.name, { name: "name", maxlength: 80, autocomplete: "name" }),
    field(t.email, { name: "email", type: "email", autocomplete: "email" }),
    field(t.message, { name: "message", minlength: 10, maxlength: 4000, rows: 6 }, "textarea"),
    el("input", { class: "trap", name: "website", tabindex: -1, autocomplete: "off", "aria-hidden": "true" })));
}

function newsletter(t, locale) {
  const send = async (f) => (await call("POST", "/newsletter/subscribe", { ...f, locale }), t.check_mail);
  return page(t.newsletter, form(t, t.subscribe, send, field(t.email, { name: "email", type: "email", autocomplete: "email" })));
}

function home(t, _locale, config, shown) {
  const look = config.look || {};
  return page(`${t.welcome} ${config.name}`, look.tagline ? el("p", {}, look.tagline) : "",
    grid(t, shown.map(({ path, word }) => el("article", { class: "card" }, el("h2", {}, el("a", { href: path }, t[word]))))));
}

export const PAGES = [
  { path: "/", word: "home", draw: home },
  { path: "/stream", word: "stream", module: "ivs-streaming", draw: stream },
  { path: "/shop", word: "shop", module: "shop", draw: shop },
  { path: "/events", word: "events", module: "events", draw: events },
  { path: "/polls", word: "polls", module: "polls", draw: polls },
  { path: "/membership", word: "membership", module: "membership", draw: membership },
  { path: "/donations", word: "donations", module: "donations", draw: donations },
  { path: "/sponsors", word: "sponsors", module: "sponsor-system", draw: sponsors },
  { path: "/newsletter", word: "newsletter", module: "newsletter", draw: newsletter },
  { path: "/contact", word: "contact", module: "contact-form", draw: contact },
  { path: "/account", word: "account", module: "user-auth", draw: account },
];
