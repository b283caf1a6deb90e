// The shop: one product, one form. Prices are only shown here; what is paid is what the API says.
import { call, signedIn } from "./api.js";
import { form } from "./form.js";
import { el, field, grid, link, money, piece } from "./parts.js";

export const pay = async (path, body, key) => {
  const { checkoutUrl } = await call("POST", path, body, { key });
  if (checkoutUrl) location.assign(checkoutUrl);
  return checkoutUrl;
};

// What the payment page says on the way back. It is the webhook that settles; this is only a word to the buyer.
export function back({ t }) {
  const told = new URLSearchParams(location.search);
  if (told.has("paid")) return el("p", { class: "notice good", role: "status" }, t.paid);
  return told.has("left") && el("p", { class: "notice", role: "status" }, t.left_payment);
}

// What will be asked for, and what for, before anybody leaves for the payment page.
export const due = ({ t, locale }, cents, ...what) => cents > 0 && `${t.due}: ${money(locale, cents)} (${what.filter(Boolean).join(", ")})`;

export const needsAccount = ({ t }) => el("p", { class: "soft" }, link("/account", t.sign_in_first));

export function productCard({ t, locale, config }, one, more) {
  const stock = one.stock ? (one.stock < 10 ? `${t.left}: ${one.stock}` : t.in_stock) : t.sold_out;
  return el("article", { class: "card product" }, picture(one),
    el(more ? "h2" : "h3", {}, more ? one.title : link("/shop", one.title)), el("p", { class: "price" }, money(locale, one.price)), el("p", { class: "soft" }, `${config.shipping ? t.tax_included : t.vat_included} · ${stock}`), more);
}

// What was announced and never came is no picture.
function picture({ images }) {
  const blank = el("div", { class: "blank", "aria-hidden": "true" });
  if (!images.length) return blank;
  const image = el("img", { src: new URL(images.at(-1)).pathname, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(blank));
  return image;
}

export function shop(site, rest) {
  if (rest.startsWith("orders")) return orders(site);
  const { t } = site;
  const box = piece(t, async () => {
    const { items } = await call("GET", "/shop/products");
    return grid(t, items.map((one) => productCard(site, one, offer(site, one))));
  });
  return [el("h1", {}, t.shop), back(site), signedIn() && el("p", {}, link("/shop/orders", t.my_orders)), box];
}

function offer(site, one) {
  const { t, locale, config } = site;
  const words = one.description && el("p", {}, one.description);
  if (!one.stock) return [words];
  if (!signedIn()) return [words, needsAccount(site)];
  const send = ({ qty, ...address }, key) => pay("/shop/checkout", { items: [{ productId: one.productId, qty: Number(qty) }], address }, key).then(() => t.to_payment);
  const sum = ({ qty }) => qty > 0 && due(site, qty * one.price + (config.shipping || 0), `${qty} × ${one.title}`, config.shipping && `${t.shipping} ${money(locale, config.shipping)}`, t.vat_included);
  const where = [["name", "name"], ["street", "street-address"], ["zip", "postal-code"], ["city", "address-level2"]];
  const fields = [field(t.quantity, { name: "qty", type: "number", min: 1, max: Math.min(20, one.stock), value: 1 }),
    ...where.map(([name, auto]) => field(t[name], { name, autocomplete: auto })), field(t.country, { name: "country", pattern: "[A-Z]{2}", value: "DE", maxlength: 2, autocomplete: "country" })];
  return [words, el("details", {}, el("summary", { class: "button" }, t.buy), form(t, t.pay_now, send, fields, { problems: { conflict: t.stock_gone }, keep: true, due: sum }))];
}

function orders(site) {
  const { t } = site;
  return [el("h1", {}, t.my_orders), back(site), piece(t, () => orderList(site)), el("p", {}, link("/shop", t.to_shop))];
}

export async function orderList({ t, locale }) {
  const { items } = await call("GET", "/shop/orders");
  const lines = (order) => el("ul", {}, order.items.map((line) => el("li", {}, `${line.qty} × ${line.title}`)));
  return grid(t, items.map((order) => el("article", { class: "card" },
    el("p", { class: "soft" }, new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(order.createdAt))),
    lines(order), el("p", { class: "price" }, money(locale, order.totalAmount)), el("p", {}, t[`order_${order.status}`] || order.status))), t.no_orders);
}
