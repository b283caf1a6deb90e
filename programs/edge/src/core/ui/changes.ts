/** What differs between two states of a site, and what a pile of files would change. Pure. */
import { typeOf } from "../../shared/mime.ts";
import { filePath } from "../../shared/paths.ts";
import { canonical, type FileEntry, type Manifest } from "../../shared/site.ts";

export type Change = { path: string; kind: "new" | "changed" | "removed" };
export type Files = Record<string, FileEntry>;

export function compare(before: Files, after: Files): Change[] {
  const added = Object.keys(after)
    .filter((path) => !before[path])
    .map((path): Change => ({ path, kind: "new" }));
  const changed = Object.keys(after)
    .filter((path) => before[path] && before[path].h !== after[path]!.h)
    .map((path): Change => ({ path, kind: "changed" }));
  const removed = Object.keys(before)
    .filter((path) => !after[path])
    .map((path): Change => ({ path, kind: "removed" }));
  return [...added, ...changed, ...removed].sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function sameSettings(a: Manifest, b: Manifest): boolean {
  return canonical({ ...a, files: {} }) === canonical({ ...b, files: {} });
}

export type Picked = { path: string; file: File };
export type Refused = { path: string; reason: "type" | "name" | "size" };

/** A folder that holds everything is only the wrapping; hidden files of the system are left behind. */
export function tidy(picked: Picked[]): Picked[] {
  const wanted = picked.filter(
    ({ path }) => !path.split("/").some((name) => name.startsWith(".") || name === "Thumbs.db" || name === "__MACOSX"),
  );
  const tops = new Set(wanted.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")));
  const [top] = tops;
  const wrapped = tops.size === 1 && top;
  return wanted.map(({ path, file }) => ({ path: `/${wrapped ? path.slice(top.length + 1) : path}`.normalize("NFC"), file }));
}

export function sort(picked: Picked[], maxBytes: number): { taken: Picked[]; refused: Refused[] } {
  const refused: Refused[] = [];
  const taken = picked.filter(({ path, file }) => {
    const reason = reasonAgainst(path, file, maxBytes);
    if (reason) refused.push({ path, reason });
    return !reason;
  });
  return { taken, refused };
}

function reasonAgainst(path: string, file: File, maxBytes: number): Refused["reason"] | null {
  if (!typeOf(path)) return "type";
  if (file.size > maxBytes) return "size";
  try {
    filePath(path);
    return null;
  } catch {
    return "name";
  }
}

/** One redirect a line: from, to and perhaps a status. */
export function redirectsText(manifest: Manifest): string {
  return manifest.settings.redirects.map(({ from, to, status }) => `${from} ${to}${status === 301 ? "" : ` ${status}`}`).join("\n");
}

export function readRedirects(text: string): { from: string; to: string; status: number }[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.map((line) => {
    const [from = "", to = "", status = "301"] = line.split(/\s+/);
    return { from, to, status: Number(status) };
  });
}
