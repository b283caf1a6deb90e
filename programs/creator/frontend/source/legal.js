// Who answers for this site, and what happens to data: for the modules that are switched on, and for no other.
import { el, facts, link, paragraphs, tick, words } from "./parts.js";
import { object, objects } from "./visits.js";

const USES = ["user-auth", "ivs-streaming", "ivs-chat", "shop", "events", "polls", "membership", "donations", "sponsor-system", "contact-form", "newsletter", "analytics"];
const NAMES = ["name", "street", "city", "email", "phone", "vat_id", "registration"];

export function imprint({ t, config, has }) {
  const legal = config.legal || {};
  const given = NAMES.filter((name) => legal[name]).map((name) => [t[`legal_${name}`], legal[name]]);
  const missing = !legal.name || !legal.street || !legal.city || !legal.email;
  return [el("h1", {}, t.imprint), el("p", {}, t.imprint_by), given.length > 0 && facts(given), missing && el("p", { class: "notice" }, t.imprint_missing),
    has("contact-form") && el("p", {}, link("/contact", t.contact)), el("h2", {}, t.disputes), el("p", {}, t.disputes_text)];
}

export function privacy(site) {
  const { t, config, has } = site;
  const used = USES.filter((name) => has(name));
  const key = (name) => name.replaceAll("-", "_");
  return [el("h1", {}, t.privacy), el("p", { class: "lead" }, t.privacy_lead), el("p", {}, t.privacy_who, " ", link("/imprint", t.imprint), "."),
    el("h2", {}, t.privacy_host), el("p", {}, t.privacy_host_text), el("h2", {}, t.privacy_uses),
    used.map((name) => [el("h3", {}, t[`use_${key(name)}_title`]), el("p", {}, t[`use_${key(name)}`])]),
    el("h2", {}, t.privacy_storage), el("p", {}, t.privacy_storage_text), has("analytics") && counting(t),
    words(site).privacy && [el("h2", {}, t.privacy_more), paragraphs(words(site).privacy)], el("h2", {}, t.privacy_rights), el("p", {}, t.privacy_rights_text, " ", has("user-auth") && link("/account", t.account)), config.legal?.email && el("p", {}, config.legal.email)];
}

function counting(t) {
  const box = tick(t.count_me_not, { checked: objects(), onchange: ({ target }) => object(target.checked) });
  return el("form", {}, box);
}
