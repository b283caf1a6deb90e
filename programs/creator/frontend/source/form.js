// A form that keeps what was typed, says what went wrong, and sends the same order only once.
import { el, said } from "./parts.js";

export function form(t, button, send, fields, { problems = {}, kind = "", keep = false, due } = {}) {
  const sum = due && el("output", { class: "due" });
  const told = el("p", { class: "told", role: "status" });
  const press = el("button", { class: kind }, button);
  const node = el("form", {}, fields, sum, press, told);
  const reckon = () => due && sum.replaceChildren(due(Object.fromEntries(new FormData(node))) || "");
  node.addEventListener("input", reckon);
  reckon();
  const attempt = attempts();
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (press.getAttribute("aria-disabled")) return;
    busy(press, t.sending);
    tell(told, "", "");
    mark(node);
    const values = Object.fromEntries(new FormData(node));
    try {
      const answer = await send(values, attempt.key(values), node);
      attempt.over();
      tell(told, answer ?? t.done, "good");
      if (!keep) node.reset();
      reckon();
    } catch (problem) {
      if (!problem.isOpen) attempt.over();
      refused(t, node, told, problem, problems);
    }
    busy(press, button, true);
  });
  return node;
}

// The same words under the same key until their fate is known: a second click is not a second order, a second try
// after a refusal is a new one.
function attempts() {
  let known = null;
  return {
    key(values) {
      const text = JSON.stringify(Object.entries(values).map(([name, value]) => [name, value instanceof File ? value.name : value]));
      if (known?.text !== text) known = { text, key: crypto.randomUUID() };
      return known.key;
    },
    over() {
      known = null;
    },
  };
}

function refused(t, node, told, problem, problems) {
  if (!problem.code) throw problem;
  tell(told, said(t, problem, problems), "bad");
  const at = String(problem.field || "").split(".").pop();
  const input = at && node.elements.namedItem(at);
  if (input instanceof HTMLElement) {
    mark(node, input, t.error_field);
    input.focus();
  }
}

function mark(node, wrong, text = "") {
  for (const input of node.elements) {
    const error = document.getElementById(`${input.id}-error`);
    if (error) error.textContent = input === wrong ? text : "";
    if (input === wrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}

function tell(told, text, kind) {
  told.textContent = text;
  told.className = `told ${kind}`;
  told.setAttribute("role", kind === "bad" ? "alert" : "status");
}

function busy(press, text, over = false) {
  press.textContent = text;
  if (over) press.removeAttribute("aria-disabled");
  else press.setAttribute("aria-disabled", "true");
}
