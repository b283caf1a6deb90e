// Places for sponsors: where they are shown, and where they are booked.
import { call, signedIn, upload } from "./api.js";
import { form } from "./form.js";
import { choice, day, el, field, grid, money, piece } from "./parts.js";
import { back, due, needsAccount } from "./shop.js";

let asked = null;
const active = () => (asked ||= call("GET", "/sponsor/active").catch(() => ({ slots: {} })));
const seen = new Set();

// Nothing where nobody booked: an empty place is no hint to anybody but the creator.
export function banner({ t }, slot) {
  const box = el("div", { class: "piece sponsor" });
  box.drawn = active().then(({ slots }) => {
    const one = slots[slot];
    if (!one) return;
    const picture = one.imageUrl && el("img", { src: new URL(one.imageUrl).pathname, alt: one.company });
    box.append(el("aside", { "aria-label": `${t.advertisement}: ${slot}` }, el("span", { class: "soft" }, t.advertisement), el("a", { href: `/api/sponsor/${one.sponsorId}/click`, rel: "sponsored noopener", target: "_blank" }, picture || one.company)));
    if (!seen.has(one.sponsorId)) call("POST", `/sponsor/${one.sponsorId}/view`).catch(() => {});
    seen.add(one.sponsorId);
  });
  return box;
}

export function sponsors(site) {
  const { t } = site;
  return [el("h1", {}, t.sponsors), back(site), el("p", { class: "lead" }, t.sponsors_lead), site.config.price_per_day > 0 && el("p", { class: "price" }, `${money(site.locale, site.config.price_per_day)} ${t.each_day}`),
    signedIn() ? booking(site) : needsAccount(site), signedIn() && el("h2", {}, t.my_bookings), signedIn() && piece(t, () => bookings(site))];
}

function booking(site) {
  const { t, config, locale } = site;
  const each = config.price_per_day || 0;
  const today = new Date().toISOString().slice(0, 10);
  const send = async ({ image, ...wanted }, key) => {
    const found = await call("POST", "/sponsor/bookings", wanted, { key });
    if (image?.size) await upload(`/sponsor/bookings/${found.sponsorId}/image`, image);
    if (found.checkoutUrl) location.assign(found.checkoutUrl);
    return found.checkoutUrl ? t.to_payment : t.booked;
  };
  const slots = Object.fromEntries((config.slots || []).map((slot) => [slot, t[`slot_${slot}`] || slot]));
  const fields = [field(t.company, { name: "company", maxlength: 80, autocomplete: "organization" }), choice(t.slot, "slot", slots),
    field(t.from, { name: "startDate", type: "date", min: today }), field(t.to, { name: "endDate", type: "date", min: today }),
    field(t.target, { name: "targetUrl", type: "url", placeholder: "https://", pattern: "https://.*" }), field(t.image, { name: "image", type: "file", accept: "image/png,image/jpeg,image/webp", hint: t.image_hint })];
  const sum = ({ slot, startDate, endDate }) => {
    const days = Math.round((Date.parse(endDate) - Date.parse(startDate)) / 86_400_000) + 1;
    return days > 0 && due(site, days * each, slots[slot], `${days} × ${money(locale, each)} ${t.each_day}`);
  };
  return form(t, each ? t.pay_now : t.book, send, fields, { problems: { conflict: t.slot_taken }, keep: true, due: sum });
}

async function bookings({ t, locale }) {
  const { items } = await call("GET", "/sponsor/bookings");
  return grid(t, items.map((one) => el("article", { class: "card" }, el("h3", {}, one.company), el("p", {}, `${t[`slot_${one.slot}`]} · ${day(locale, one.startDate)} – ${day(locale, one.endDate)}`),
    el("p", { class: "soft" }, `${t[`booking_${one.status}`] || one.status} · ${t.views}: ${one.views} · ${t.clicks}: ${one.clicks}`), one.rejectedReason && el("p", {}, one.rejectedReason))), t.no_bookings);
}
