// Giving: once, or every month.
import { call, signedIn } from "./api.js";
import { form } from "./form.js";
import { watch } from "./live.js";
import { day, el, field, grid, money, piece, tick } from "./parts.js";
import { back, due, needsAccount, pay } from "./shop.js";

export function membership(site) {
  const { t } = site;
  let [later, tries] = [0, 3];
  site.onLeave = () => clearTimeout(later);
  const plans = piece(t, async () => {
    const [{ items }, mine] = await Promise.all([call("GET", "/membership/plans"), signedIn() ? call("GET", "/membership/me") : {}]);
    if (items.some(({ price }) => !price) && tries--) later = setTimeout(plans.again, 5000); // the payment service may only be slow
    const member = mine.status && !["none", "canceled", "incomplete_expired"].includes(mine.status);
    return [member && state(site, mine, items), grid(t, items.map((plan) => planCard(site, plan, member)))];
  });
  return [el("h1", {}, t.membership), back(site), el("p", { class: "lead" }, t.membership_lead), plans];
}

function state({ t, locale }, mine, plans) {
  const name = plans.find(({ id }) => id === mine.planId)?.name || mine.planId;
  const open = async () => void location.assign((await call("POST", "/membership/portal", {})).url);
  const until = mine.currentPeriodEnd && `${t.paid_until} ${day(locale, mine.currentPeriodEnd * 1000 || mine.currentPeriodEnd)}`;
  return el("div", { class: "notice good" }, el("p", {}, `${t.you_are_member} ${name}. ${until || ""}`), form(t, t.manage, open, [], { kind: "quiet" }));
}

function planCard(site, plan, member) {
  const { t } = site;
  const cost = plan.price && each(site, plan.price);
  const join = (_values, key) => pay("/membership/checkout", { planId: plan.id }, key).then(() => t.to_payment);
  const way = !cost ? el("p", { class: "soft" }, t.no_price) : signedIn() ? form(t, t.join, join, [], { problems: { conflict: t.member_already }, due: () => `${t.due}: ${cost} (${t.membership} ${plan.name})` }) : needsAccount(site);
  return el("article", { class: "card" }, el("h2", {}, plan.name), cost && el("p", { class: "price" }, cost), cost && el("p", { class: "soft" }, t.vat_included), el("ul", {}, [plan.perks].flat().map((perk) => el("li", {}, String(perk)))), member ? null : way);
}

// 5 € per month, 12 € every 3 months
function each({ t, locale }, { amount, currency, interval, every }) {
  return `${money(locale, amount, currency)} ${every > 1 ? `${t.every} ${every} ${t[`${interval}s`]}` : t[`each_${interval}`]}`;
}

export function donations(site) {
  const { t, config } = site;
  const wall = piece(t, () => gifts(site));
  site.onLeave = watch(config, "/donations/wall", () => wall.again());
  const give = ({ amount, displayName, message, public: shown }, key) => pay("/donations/checkout", {
    amount: Math.round(Number(amount) * 100), public: shown === "on", ...(displayName && { displayName }), ...(message && { message }),
  }, key).then(() => t.to_payment);
  const fields = [field(t.amount, { name: "amount", type: "number", min: (config.donation_min || 100) / 100, max: (config.donation_max || 50_000) / 100, step: "0.01", inputmode: "decimal" }),
    field(t.shown_name, { name: "displayName", maxlength: 40, required: false, autocomplete: "nickname" }),
    field(t.gift_message, { name: "message", maxlength: 200, required: false, rows: 3 }, "textarea"), tick(t.public, { name: "public" })];
  const sum = ({ amount }) => due(site, Math.round(amount * 100), `${t.gift_to} ${config.name}`);
  return [el("h1", {}, t.donations), back(site), el("p", { class: "lead" }, t.donations_lead), form(t, t.give, give, fields, { problems: { invalid_input: t.amount_wrong }, keep: true, due: sum }), el("h2", {}, t.wall), wall];
}

async function gifts({ t, locale }) {
  const wall = await call("GET", "/donations/wall");
  const goal = wall.goal && el("div", { class: "goal" }, el("p", { class: "price" }, `${money(locale, wall.raised)} ${t.of} ${money(locale, wall.goal)}`), el("progress", { max: wall.goal, value: wall.raised, "aria-label": t.goal }));
  return [goal, grid(t, wall.items.map((one) => el("article", { class: "card" }, el("h3", {}, one.displayName || t.somebody), el("p", { class: "price" }, money(locale, one.amount)), one.message && el("p", {}, one.message))), t.no_gifts)];
}
