/** Which file answers a path. Pure: manifest and path in, decision out. */
import { ownPath } from "../shared/paths.ts";
import type { FileEntry, Manifest, Redirect } from "../shared/site.ts";

export type Found =
  | { kind: "file"; path: string; file: FileEntry; status: 200 | 404 }
  | { kind: "redirect"; to: string; status: number }
  | { kind: "missing" };

export function resolve(manifest: Manifest, path: string, search: string, spa: boolean): Found {
  const { redirects } = manifest.settings;
  const rule = redirects.find(({ from }) => from === path) ?? redirects.find(({ from }) => matches(from, path));
  const target = rule && redirectTarget(rule, path);
  if (rule && target) return { kind: "redirect", to: target, status: rule.status };
  return page(manifest, path, search) ?? (spa ? singlePage(manifest, path) : null) ?? notFound(manifest);
}

export function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

/** What the `*` stood for is filled in as a path: never a host, never a second leading slash. */
function redirectTarget(rule: Redirect, path: string): string | null {
  if (!rule.to.endsWith("*")) return rule.to;
  const rest = encodeURI(path.slice(rule.from.length - 1)).replace(/^\/+/, "");
  const target = rule.to.slice(0, -1) + rest;
  if (target.startsWith("https://")) return target;
  const own = ownPath(target);
  return own === encodeURI(path) ? null : own;
}

function page(manifest: Manifest, path: string, search: string): Found | null {
  const { files, settings } = manifest;
  const stem = path.replace(/\/$/, "");
  if (!path.endsWith("/") && files[path]) return file(manifest, path);
  if (files[`${stem}/index.html`]) {
    const wanted = settings.slash === "add" ? `${stem}/` : settings.slash === "strip" ? stem || "/" : path;
    return wanted === path ? file(manifest, `${stem}/index.html`) : { kind: "redirect", to: encodeURI(wanted) + search, status: 308 };
  }
  if (!stem || !files[`${stem}.html`]) return null;
  return path === stem ? file(manifest, `${stem}.html`) : { kind: "redirect", to: encodeURI(stem) + search, status: 308 };
}

function file(manifest: Manifest, path: string): Found {
  return { kind: "file", path, file: manifest.files[path]!, status: 200 };
}

function singlePage(manifest: Manifest, path: string): Found | null {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return !last.includes(".") && manifest.files["/index.html"] ? file(manifest, "/index.html") : null;
}

function notFound(manifest: Manifest): Found {
  const own = manifest.files["/404.html"];
  return own ? { kind: "file", path: "/404.html", file: own, status: 404 } : { kind: "missing" };
}
