// What is sold: products, orders, and what sponsors want.
import { call, upload } from "./api.js";
import { form } from "./form.js";
import { card, choice, day, el, field, money, pill, table } from "./parts.js";

const cents = (text) => Math.round(Number(text) * 100);
const euros = (number) => (number / 100).toFixed(2);
export const act = (t, text, done, work, kind = "quiet") => form(t, text, async () => (await work(), done(), ""), [], { kind });

async function products(site, again) {
  const { t, locale } = site;
  const lists = await Promise.all(["shown", "hidden"].map((status) => call("GET", `/shop/admin/products?status=${status}`)));
  const items = lists.flatMap((list) => list.items);
  const fields = (one) => [field(t.title, { name: "title", maxlength: 120, value: one.title }), field(t.price, { name: "price", type: "number", min: 0.5, step: "0.01", value: one.price && euros(one.price) }),
    field(t.stock, { name: "stock", type: "number", min: 0, value: one.stock }), field(t.description, { name: "description", required: false, rows: 3 }, "textarea"), field(t.image, { name: "image", type: "file", required: false, accept: "image/png,image/jpeg,image/webp" }),
    choice(t.visible, "status", { shown: t.product_shown, hidden: t.product_hidden }, one.status)];
  const save = (id) => async ({ image, ...f }) => {
    const body = { ...f, price: cents(f.price), stock: Number(f.stock) };
    const made = await call(id ? "PATCH" : "POST", `/shop/products${id ? `/${id}` : ""}`, body);
    if (image?.size) await upload(`/shop/products/${made.productId}/image`, image);
    again();
    return t.saved;
  };
  const edit = (one) => {
    const sheet = form(t, t.save, save(one.productId), fields(one), { keep: true });
    sheet.querySelector("textarea").value = one.description || "";
    return el("details", {}, el("summary", {}, t.edit), sheet);
  };
  return [table(t, t.products, [t.title, t.price, t.stock, ""], items.map((one) => [[one.title, one.status === "hidden" && [" ", pill(t.product_hidden)]], money(locale, one.price), String(one.stock), [edit(one), act(t, t.remove, again, () => call("DELETE", `/shop/products/${one.productId}`))]]), t.no_products),
    card(el("h3", {}, t.new_product), form(t, t.save, save(""), fields({})))];
}

const STEPS = { paid: ["shipped", "refunded"], shipped: ["completed", "refunded"], completed: ["refunded"] };

async function orders(site, again) {
  const { t } = site;
  const lists = await Promise.all(Object.keys(STEPS).map((status) => call("GET", `/shop/admin/orders?status=${status}`)));
  return table(t, t.orders, [t.when, t.content, t.sum, t.status, ""], lists.flatMap(({ items }) => items).map((one) => orderRow(site, again, one)), t.no_orders);
}

function orderRow({ t, locale }, again, one) {
  const steps = STEPS[one.status].map((status) => act(t, t[`make_${status}`], again, () => call("PATCH", `/shop/admin/orders/${one.orderId}`, { status }), status === "refunded" ? "danger" : "quiet"));
  const to = one.address && [one.address.name, one.address.street, `${one.address.zip} ${one.address.city}`].join(", ");
  return [day(locale, one.createdAt), [one.items.map((line) => `${line.qty} × ${line.title}`).join(", "), to && el("p", { class: "soft" }, to)], money(locale, one.totalAmount), t[`order_${one.status}`], el("div", { class: "acts" }, steps)];
}

async function sponsors(site, again) {
  const { t, locale } = site;
  const { items } = await call("GET", "/sponsor/bookings");
  const decide = (one, status, text, kind) => form(t, text, async (f) => (await call("PATCH", `/sponsor/bookings/${one.sponsorId}`, { status, ...f }), again(), ""), status === "rejected" ? [field(t.reason, { name: "reason", maxlength: 300, required: false })] : [], { kind, problems: { conflict: t.not_ready } });
  const acts = (one) => ["pending", "active"].includes(one.status) && el("div", { class: "acts" }, one.status === "pending" && decide(one, "active", t.accept, ""), el("details", {}, el("summary", {}, t.reject), decide(one, "rejected", t.reject, "danger")));
  return table(t, t.sponsors, [t.company, t.slot, t.when, t.status, ""], items.map((one) => [[one.company, one.imageUrl && el("img", { class: "thumb", src: new URL(one.imageUrl).pathname, alt: "" })], t[`slot_${one.slot}`], `${day(locale, one.startDate)} – ${day(locale, one.endDate)}`, `${t[`booking_${one.status}`] || one.status}${one.paid ? "" : ` · ${t.unpaid}`}`, acts(one)]), t.no_bookings);
}

export const wares = {
  products: { word: "products", module: "shop", draw: products },
  orders: { word: "orders", module: "shop", draw: orders },
  sponsors: { word: "sponsors", module: "sponsor-system", draw: sponsors },
};
