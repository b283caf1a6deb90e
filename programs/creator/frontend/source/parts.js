// Elements from data. Text is only ever set as text: nothing anybody typed becomes markup.
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== ""));
  return node;
}
export const money = (locale, cents) => new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" }).format(cents / 100);
export const moment = (locale, at) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
export const field = (label, attributes, tag = "input") => el("label", {}, label, el(tag, { required: true, ...attributes }));
export const tick = (label, attributes) => el("label", { class: "tick" }, el("input", { type: "checkbox", ...attributes }), el("span", {}, label));
export function form(texts, button, send, ...fields) {
  const said = el("p", { role: "status" });
  const attempt = crypto.randomUUID(); // the same for every try: a second click is not a second order
  const submit = async (event) => {
    event.preventDefault();
    const press = event.target.querySelector("button");
    press.disabled = true;
    said.textContent = "";
    try {
      said.textContent = (await send(Object.fromEntries(new FormData(event.target)), attempt)) || texts.done;
    } catch (problem) {
      said.textContent = problem.status === 401 ? texts.please_sign_in : `${texts.failed} ${problem.message}`;
    }
    press.disabled = false;
  };
  return el("form", { onsubmit: submit }, fields, el("button", {}, button), said);
}
