// Who gave, who reads, what is said, and how many come by.
import { call } from "./api.js";
import { form } from "./form.js";
import { card, choice, day, el, field, money, moment, table, tick } from "./parts.js";
import { act } from "./studio_wares.js";

async function donations({ t, locale }) {
  const lists = await Promise.all(["public", "private"].map((status) => call("GET", `/donations?status=${status}`)));
  const rows = lists.flatMap(({ items }) => items).sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  return table(t, t.donations, [t.when, t.name, t.sum, t.message], rows.map((one) => [day(locale, one.createdAt), one.displayName || t.somebody, money(locale, one.amount), one.message || ""]), t.no_gifts);
}

async function letters(site, again) {
  const { t, locale } = site;
  const [people, sent, running] = await Promise.all([call("GET", "/newsletter/subscribers"), call("GET", "/newsletter/campaigns"), call("GET", "/newsletter/campaigns?state=sending")]);
  const send = async ({ subject, text }, key) => {
    await call("POST", "/newsletter/campaigns", { subject, text, html: page(text) }, { key });
    again();
    return t.on_its_way;
  };
  const letters = [...running.items, ...sent.items];
  return [el("p", {}, `${t.subscribers}: ${people.items.length}${people.next ? "+" : ""}`), table(t, t.letters, [t.when, t.subject, t.sent], letters.map((one) => [day(locale, one.createdAt), one.subject, String(one.sent)]), t.no_letters),
    card(el("h3", {}, t.new_letter), form(t, t.send_letter, send, [field(t.subject, { name: "subject", maxlength: 200 }), field(t.message, { name: "text", rows: 8, maxlength: 20_000 }, "textarea")]))];
}

// The same words as markup: paragraphs, and nothing of what was typed as markup.
function page(text) {
  const box = el("div", {}, text.split(/\n{2,}/).map((part) => el("p", {}, part)));
  return box.innerHTML;
}

async function room({ t, locale }, again) {
  const { items } = await call("GET", "/chat/messages?limit=100");
  const acts = (one) => el("div", { class: "acts" }, act(t, t.remove, again, () => call("DELETE", `/chat/messages/${one.messageId}`), "danger"), act(t, t.disconnect, again, () => call("POST", `/chat/users/${one.userId}/disconnect`)));
  return table(t, t.chat, [t.when, t.name, t.message, ""], items.filter((one) => !one.deleted).map((one) => [moment(locale, one.at / 1000), one.username, one.message, acts(one)]), t.no_messages);
}

async function numbers({ t, locale }) {
  const { days, paths } = await call("GET", "/analytics/summary");
  const most = Math.max(1, ...days.map((one) => one.pageview));
  const bar = (one) => el("meter", { min: 0, max: most, value: one.pageview, "aria-label": `${day(locale, one.day)}: ${one.pageview}` });
  return [table(t, t.numbers, [t.when, t.views, t.visitors, t.plays, ""], days.map((one) => [day(locale, one.day), String(one.pageview), String(one.visitors), String(one.play), bar(one)])),
    el("h3", {}, t.top_pages), table(t, t.top_pages, [t.page, t.views], paths.map((one) => [one.path, String(one.views)]))];
}

function inviting({ t }) {
  const send = (f) => call("POST", "/auth/invitations", f).then(() => t.invited);
  return card(el("h3", {}, t.invitations), el("p", {}, t.invite_text), form(t, t.invite, send, [field(t.email, { name: "email", type: "email" }), choice(t.mail_language, "locale", { de: "Deutsch", en: "English" })], { problems: { rate_limited: t.too_often } }));
}

function unlocking({ t }) {
  const send = ({ email }) => call("POST", "/auth/unlock", { email }).then(() => t.unlocked);
  const fields = [field(t.email, { name: "email", type: "email", autocomplete: "off" }), tick(t.unlock_sure, { required: true })];
  return card(el("h3", {}, t.unlock), el("p", {}, t.unlock_text), form(t, t.unlock_now, send, fields, { kind: "danger", problems: { not_found: t.unlock_nobody, conflict: t.unlock_none } }));
}

const access = (site) => [site.config.signup === "invite" && inviting(site), site.config.mfa === "optional" && unlocking(site)];

export const people = {
  access: { word: "access", module: "user-auth", when: ({ signup, mfa }) => signup === "invite" || mfa === "optional", draw: access },
  donations: { word: "donations", module: "donations", draw: donations },
  newsletter: { word: "newsletter", module: "newsletter", draw: letters },
  chat: { word: "chat", module: "ivs-chat", draw: room },
  numbers: { word: "numbers", module: "analytics", draw: numbers },
};
