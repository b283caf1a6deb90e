import { Problem } from "./errors.ts";

// Control characters, invisible formatting such as direction marks, and the other slash.
const UNSAFE = /[\p{Cc}\p{Cf}\\]/u;
const MAX_PATH = 512;

/** The decoded path of a request, or null when it must be answered with 400. Decodes exactly once. */
export function requestPath(pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (path.length > MAX_PATH || UNSAFE.test(path)) return null;
  if (path.split("/").some((segment) => segment === ".." || segment === ".")) return null;
  return path;
}

/** A file name as a creator may store it: absolute, canonical, NFC, no empty or hidden traversal segments. */
export function filePath(value: unknown): string {
  if (typeof value !== "string" || value.length > MAX_PATH || !value.startsWith("/")) throw badPath(value);
  if (value !== value.normalize("NFC") || UNSAFE.test(value) || /[?#%<>:"|*]/.test(value)) throw badPath(value);
  const segments = value.slice(1).split("/");
  if (segments.some((segment) => !segment || /^\.+$/.test(segment) || segment.trim() !== segment)) throw badPath(value);
  if (segments[0]?.toLowerCase() === "_sp") throw badPath(value);
  return value;
}

function badPath(value: unknown): Problem {
  return new Problem(400, "bad_path", { path: String(value).slice(0, 200) });
}

/** Two names that some file system would take for one. */
export function collisionKey(path: string): string {
  return path.normalize("NFKC").toLowerCase();
}

/** Where to go after signing in or sending a form: a path of our own, or home. */
export function ownPath(value: string | null | undefined): string {
  if (!value || value.length > MAX_PATH || !/^\/(?![/\\])/.test(value) || UNSAFE.test(value)) return "/";
  const url = new URL(value, "https://own.invalid");
  return url.origin === "https://own.invalid" && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}
