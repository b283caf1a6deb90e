// Elements from data. Text is only ever set as text: nothing anybody typed becomes markup.
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== "" && child !== false));
  return node;
}

export const money = (locale, cents, currency = "EUR") => new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
export const moment = (locale, at) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
export const day = (locale, at) => new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(at));

let count = 0;
export function field(label, attributes, tag = "input") {
  const { hint, ...rest } = attributes;
  const id = `f${(count += 1)}`;
  const told = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  return el("div", { class: "field" }, el("label", { for: id }, label), hint && el("p", { id: `${id}-hint`, class: "soft" }, hint),
    el(tag, { id, required: true, "aria-describedby": told, ...rest }), el("p", { id: `${id}-error`, class: "wrong" }));
}

export function choice(label, name, options, chosen) {
  const id = `f${(count += 1)}`;
  const all = Object.entries(options).map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  return el("div", { class: "field" }, el("label", { for: id }, label), el("select", { id, name }, all));
}

export const tick = (label, attributes) => el("label", { class: "tick" }, el("input", { type: "checkbox", ...attributes }), el("span", {}, label));
export const link = (href, text, attributes = {}) => el("a", { href, ...attributes }, text);
export const card = (...parts) => el("section", { class: "card" }, parts);
export const pill = (text, kind = "") => el("span", { class: `pill ${kind}` }, text);
export const grid = (t, cards, empty = t.nothing) => (cards.length ? el("div", { class: "grid" }, cards) : el("p", { class: "empty" }, empty));

export function facts(pairs) {
  return el("dl", {}, pairs.filter(([, value]) => value != null && value !== "").map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

// What the creator wrote in the visitor's language, else in the site's own.
export function words({ config, locale }) {
  const texts = config.look?.texts || {};
  const own = texts[locale] || {};
  return { ...own, tagline: own.tagline || texts[config.locale]?.tagline, about: own.about || texts[config.locale]?.about };
}

export const paragraphs = (text) => text.split(/\n{2,}/).map((part) => el("p", { class: "written" }, part));

// Rows as a table that becomes a list of cards on a phone.
export function table(t, caption, heads, rows, empty = t.nothing) {
  if (!rows.length) return el("p", { class: "empty" }, empty);
  const body = rows.map((row) => el("tr", {}, row.map((cell, at) => el("td", { "data-label": heads[at] }, cell))));
  return el("table", {}, el("caption", { class: "vh" }, caption), el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head || el("span", { class: "vh" }, t.actions))))), el("tbody", {}, body));
}

// A piece of a page that may fail alone: it says so and can be asked for again.
export function piece(t, draw) {
  const box = el("div", { class: "piece", "aria-busy": "true" }, el("p", { class: "soft" }, t.loading));
  const fill = async () => {
    try {
      box.replaceChildren(...[await draw()].flat(Infinity).filter(Boolean));
    } catch (problem) {
      box.replaceChildren(failure(t, problem, fill));
    }
    box.removeAttribute("aria-busy");
  };
  box.again = fill;
  box.drawn = fill();
  return box;
}

export const said = (t, problem, own = {}) => own[problem.code] || t[`error_${problem.code}`] || t.error_internal;

export function failure(t, problem, again) {
  return el("div", { class: "notice bad", role: "alert" }, el("p", {}, said(t, problem)),
    problem.code === "unauthorized" ? link("/account", t.sign_in) : el("button", { type: "button", class: "quiet", onclick: again }, t.again));
}
