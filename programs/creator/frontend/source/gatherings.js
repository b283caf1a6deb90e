// Where people come together: events with their tickets, and polls with their counts.
import { call, signedIn } from "./api.js";
import { form } from "./form.js";
import { watch } from "./live.js";
import { el, field, grid, link, moment, money, piece, tick } from "./parts.js";
import { back, due, needsAccount } from "./shop.js";

export function events(site) {
  const { t } = site;
  const box = piece(t, async () => {
    const { items } = await call("GET", `/events?from=${new Date().toISOString().slice(0, 19)}Z`);
    return grid(t, items.map((one) => eventCard(site, one)), t.no_events);
  });
  return [el("h1", {}, t.events), back(site), signedIn() && el("p", {}, link("/account#tickets", t.my_tickets)), box];
}

function eventCard(site, one) {
  const { t, locale } = site;
  const left = el("p", { class: "soft" }, one.remaining ? `${t.left}: ${one.remaining}` : t.sold_out);
  return el("article", { class: "card" }, el("p", { class: "when" }, moment(locale, one.date)), el("h2", {}, one.title), el("p", { class: "soft" }, one.location),
    one.description && el("p", {}, one.description), el("p", { class: "price" }, one.price ? money(locale, one.price) : t.free), left,
    one.remaining > 0 && (signedIn() ? booking(site, one, left) : needsAccount(site)));
}

function booking(site, one, left) {
  const { t } = site;
  const send = async ({ qty }, key) => {
    const found = await call("POST", `/events/${one.eventId}/tickets`, { qty: Number(qty) }, { key });
    if (found.checkoutUrl) location.assign(found.checkoutUrl);
    one.remaining -= Number(qty);
    left.textContent = `${t.left}: ${one.remaining}`;
    return found.checkoutUrl ? t.to_payment : t.tickets_yours;
  };
  const sum = ({ qty }) => qty > 0 && due(site, qty * one.price, `${qty} × ${one.title}`, t.vat_included);
  return form(t, one.price ? t.pay_now : t.tickets, send, [field(t.quantity, { name: "qty", type: "number", min: 1, max: Math.min(20, one.remaining), value: 1 })], { problems: { conflict: t.seats_gone, gone: t.event_over }, due: sum });
}

export async function tickets({ t, locale }) {
  const [{ items }, known] = await Promise.all([call("GET", "/events/tickets/mine"), call("GET", "/events")]);
  const named = Object.fromEntries(known.items.map((one) => [one.eventId, one]));
  return grid(t, items.map((one) => el("article", { class: "card" }, el("h3", {}, named[one.eventId]?.title || t.event),
    named[one.eventId] && el("p", { class: "soft" }, moment(locale, named[one.eventId].date)), el("p", {}, t[`ticket_${one.status}`] || one.status), one.code && el("code", { class: "code" }, one.code))), t.no_tickets);
}

export function polls(site) {
  const { t, config } = site;
  const stops = [];
  site.onLeave = () => stops.forEach((stop) => stop());
  const list = (status, empty) => piece(t, async () => {
    const { items } = await call("GET", `/polls?status=${status}`);
    return grid(t, items.map((one) => pollCard(site, one, (look) => stops.push(watch(config, `/polls/${one.pollId}`, look)))), empty);
  });
  return [el("h1", {}, t.polls), list("open", t.no_polls), el("h2", {}, t.closed_polls), list("closed", t.no_closed_polls)];
}

function pollCard(site, one, hear) {
  const { t, locale } = site;
  const counts = el("div", { "aria-live": "polite" });
  const show = (poll) => counts.replaceChildren(...(poll.counts ? bars(t, poll) : []));
  show(one);
  const look = async (told) => show(told?.counts ? { ...one, counts: told.counts } : await call("GET", `/polls/${one.pollId}`).catch(() => one));
  if (one.status === "open") hear(look);
  return el("article", { class: "card", id: one.pollId }, el("h2", {}, one.question), one.audience === "premium" && el("p", { class: "soft" }, t.for_members),
    one.status === "open" && el("p", { class: "soft" }, `${t.open_until} ${moment(locale, one.closesAt * 1000)}`),
    one.status === "open" && (signedIn() ? vote(site, one, look) : needsAccount(site)), counts);
}

function bars(t, { options, counts }) {
  const all = counts.reduce((sum, n) => sum + n, 0);
  const share = (n) => (all ? Math.round((100 * n) / all) : 0);
  return [el("ul", { class: "bars" }, options.map((text, at) => el("li", {}, el("span", {}, text), el("span", { class: "soft" }, `${counts[at]} · ${share(counts[at])} %`), el("meter", { min: 0, max: 100, value: share(counts[at]), "aria-label": text })))),
    el("p", { class: "soft" }, `${t.votes}: ${all}`)];
}

function vote({ t }, one, look) {
  const send = async (_values, _key, node) => {
    const choices = [...node.querySelectorAll("input:checked")].map((box) => Number(box.value));
    if (!choices.length) throw Object.assign(new Error(), { code: "nothing" });
    await call("POST", `/polls/${one.pollId}/vote`, { choices });
    await look();
    return t.voted;
  };
  const kind = one.mode === "multi" ? "checkbox" : "radio";
  const options = el("fieldset", {}, el("legend", {}, one.mode === "multi" ? t.choose_some : t.choose_one), one.options.map((text, at) => tick(text, { type: kind, name: "choice", value: at })));
  return form(t, t.vote, send, [options], { problems: { conflict: t.voted_before, gone: t.poll_closed, nothing: t.choose_first, forbidden: t.for_members }, keep: true });
}
