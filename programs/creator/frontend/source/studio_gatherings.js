// Events with their door, polls, and the stream with its key.
import { call } from "./api.js";
import { form } from "./form.js";
import { card, choice, el, facts, field, moment, money, table } from "./parts.js";
import { act } from "./studio_wares.js";

const utc = (local) => new Date(local).toISOString().slice(0, 19) + "Z";

async function events(site, again) {
  const { t, locale } = site;
  const { items } = await call("GET", "/events");
  const save = async (f) => {
    await call("POST", "/events", { ...f, date: utc(f.date), ticketsAvailable: Number(f.ticketsAvailable), price: Math.round(Number(f.price) * 100) });
    again();
    return t.saved;
  };
  const fields = [field(t.title, { name: "title", maxlength: 200 }), field(t.when, { name: "date", type: "datetime-local" }), field(t.location, { name: "location", maxlength: 300 }),
    field(t.seats, { name: "ticketsAvailable", type: "number", min: 1, value: 50 }), field(t.price, { name: "price", type: "number", min: 0, step: "0.01", value: 0 }), field(t.description, { name: "description", required: false, rows: 3 }, "textarea")];
  return [table(t, t.events, [t.title, t.when, t.sold, t.price, ""], items.map((one) => [one.title, moment(locale, one.date), `${one.ticketsSold} / ${one.ticketsAvailable}`, one.price ? money(locale, one.price) : t.free, [door(t, one), act(t, t.call_off, again, () => call("DELETE", `/events/${one.eventId}`), "danger")]]), t.no_events),
    card(el("h3", {}, t.new_event), form(t, t.save, save, fields))];
}

function door(t, one) {
  const check = async (f) => (await call("POST", `/events/${one.eventId}/checkin`, f), t.let_in);
  return el("details", {}, el("summary", {}, t.door), form(t, t.check_in, check, [field(t.ticket_code, { name: "code", autocomplete: "off" })], { problems: { not_found: t.no_ticket, conflict: t.ticket_gone } }));
}

async function polls(site, again) {
  const { t, locale } = site;
  const { items } = await call("GET", "/polls");
  const ask = async (f) => {
    const options = f.options.split("\n").map((line) => line.trim()).filter(Boolean);
    await call("POST", "/polls", { question: f.question, options, closesAt: Math.floor(new Date(f.closesAt) / 1000), mode: f.mode, audience: f.audience });
    again();
    return t.saved;
  };
  const fields = [field(t.question, { name: "question", minlength: 3, maxlength: 300 }), field(t.options, { name: "options", rows: 4, hint: t.options_hint }, "textarea"), field(t.open_until, { name: "closesAt", type: "datetime-local" }),
    choice(t.mode, "mode", { single: t.choose_one, multi: t.choose_some }), choice(t.audience, "audience", { member: t.everybody, premium: t.premium })];
  return [table(t, t.polls, [t.question, t.votes, t.open_until, ""], items.map((one) => [one.question, one.counts ? one.options.map((text, at) => `${text}: ${one.counts[at]}`).join(", ") : "–", moment(locale, one.closesAt * 1000), act(t, t.close_poll, again, () => call("PATCH", `/polls/${one.pollId}`, { status: "closed" }))]), t.no_polls),
    card(el("h3", {}, t.new_poll), form(t, t.save, ask, fields))];
}

async function stream({ t }) {
  const state = await call("GET", "/stream/status");
  const box = el("div", {});
  const rotate = async () => {
    const { ingestEndpoint, streamKey } = await call("POST", "/stream/key/rotate", {});
    box.replaceChildren(facts([[t.ingest, el("code", {}, `rtmps://${ingestEndpoint}:443/app/`)], [t.stream_key, el("code", {}, streamKey)]]), el("p", { class: "soft" }, t.key_once));
    return "";
  };
  return [el("p", {}, state.live ? t.live : t.offline), card(el("h3", {}, t.stream_key), el("p", {}, t.key_text), form(t, t.new_key, rotate, [], { kind: "danger" }), box)];
}

export const gatherings = {
  events: { word: "events", module: "events", draw: events },
  polls: { word: "polls", module: "polls", draw: polls },
  stream: { word: "stream", module: "ivs-streaming", draw: stream },
};
