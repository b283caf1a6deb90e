/** Elements as expressions. Text is always text: nothing here parses markup. */

export type Child = Node | string | null | undefined | false | Child[];
type Props = Record<string, unknown>;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  append(element, children);
  return element;
}

function set(element: HTMLElement, name: string, value: unknown): void {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
  else if (name === "value") (element as HTMLInputElement).value = String(value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child) element.append(child);
  }
}

export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

const SHAPES = {
  site: "M4 5h16v14H4zM4 9h16",
  versions: "M12 7v5l3 2M4 12a8 8 0 1 0 3-6M4 4v4h4",
  messages: "M4 6h16v11H9l-5 4z",
  domains: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM4 12h16M12 4c4 5 4 11 0 16M12 4c-4 5-4 11 0 16",
  invoices: "M6 4h12v16l-3-2-3 2-3-2-3 2zM9 9h6M9 13h6",
  live: "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M8.5 12l2.5 2.5 4.5-5",
  running: "M12 4a8 8 0 1 1-8 8",
  yours: "M4 4h16v16H4zM9 12h6M12.5 9l3 3-3 3",
  waiting: "M7 4h10M7 20h10M8 4c0 5 8 5 8 8s-8 3-8 8M16 4c0 5-8 5-8 8s8 3 8 8",
  unknown: "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M10 10a2 2 0 1 1 2 2.5v1M12 16.5v.1",
  upload: "M12 16V5M7.5 9.5L12 5l4.5 4.5M5 19h14",
  bin: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  out: "M9 5H5v14h4M13 8l4 4-4 4M17 12H9",
} as const;
export type Icon = keyof typeof SHAPES;

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

export function button(label: string, onclick: () => unknown, props: Props = {}): HTMLButtonElement {
  return h("button", { type: "button", onclick, ...props }, label);
}

let serial = 0;

/** A labelled control with an optional hint, tied together for screen readers. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  const id = `f${(serial += 1)}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint), control);
}

export function pill(kind: "ok" | "running" | "yours" | "waiting" | "danger" | "off", label: string): HTMLElement {
  const shape: Record<typeof kind, Icon> = {
    ok: "live",
    running: "running",
    yours: "yours",
    waiting: "waiting",
    danger: "unknown",
    off: "unknown",
  };
  return h("span", { class: `pill ${kind}` }, icon(shape[kind]), label);
}
