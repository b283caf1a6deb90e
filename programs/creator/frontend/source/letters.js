// Words by mail: to the creator, and from the creator.
import { call } from "./api.js";
import { form } from "./form.js";
import { choice, el, field, link } from "./parts.js";

const mail = (t) => field(t.email, { name: "email", type: "email", autocomplete: "email" });

export function contact(site) {
  const { t, config } = site;
  const startedAt = Date.now();
  const send = async ({ topic, ...f }) => (await call("POST", "/contact", { ...f, ...(topic && { topic }), startedAt }), t.thanks);
  const topics = Object.fromEntries([["", t.any_topic], ...(config.topics || []).map((topic) => [topic, topic])]);
  const trap = el("div", { class: "trap", "aria-hidden": "true" }, el("label", {}, "Website", el("input", { name: "website", tabindex: -1, autocomplete: "off" })));
  return [el("h1", {}, t.contact), el("p", { class: "lead" }, t.contact_lead), form(t, t.send, send, [field(t.name, { name: "name", maxlength: 80, autocomplete: "name" }), mail(t),
    config.topics?.length && choice(t.topic, "topic", topics), field(t.message, { name: "message", minlength: 10, maxlength: 4000, rows: 6 }, "textarea"), trap]), notice(t)];
}

export function letterForm({ t, locale }) {
  return form(t, t.subscribe, async (f) => (await call("POST", "/newsletter/subscribe", { ...f, locale }), t.check_mail), [mail(t)]);
}

export function newsletter(site, rest) {
  const { t } = site;
  if (rest === "confirmed") return [el("h1", {}, t.newsletter), el("p", { class: "notice good", role: "status" }, t.letter_confirmed)];
  return [el("h1", {}, t.newsletter), el("p", { class: "lead" }, t.newsletter_lead), letterForm(site), el("p", { class: "soft" }, t.newsletter_leave), notice(t)];
}

export const notice = (t) => el("p", { class: "soft" }, t.data_notice, " ", link("/privacy", t.privacy));
