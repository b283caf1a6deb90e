/** What is stored about a site: files by hash, settings, and the pointer that says which release is live. */

export type FileEntry = { h: string; s: number; t: string };
export type Redirect = { from: string; to: string; status: number };
export type HeaderRule = { path: string; set: Record<string, string> };
export type Settings = {
  spa: boolean;
  slash: "add" | "strip" | "keep";
  redirects: Redirect[];
  headers: HeaderRule[];
};
export type Manifest = { v: 1; files: Record<string, FileEntry>; settings: Settings };
export type Kind = "publish" | "rollback" | "restore";
export type Entry = { n: number; release: string; at: string; by: string; kind: Kind; files: number; bytes: number };
export type Pointer = {
  v: 1;
  n: number;
  release: string;
  prev: string | null;
  at: string;
  by: string;
  history: Entry[]; // newest first; what was ever live, so a lost publish race leaves no trace here
};

export const MAX_MANIFEST = 1 << 20;
export const MAX_FILES = 5000;
export const MAX_FILE_BYTES = 25 << 20;
export const HISTORY = 60;

export function emptyManifest(): Manifest {
  return { v: 1, files: {}, settings: { spa: false, slash: "add", redirects: [], headers: [] } };
}

/** One manifest has one text, so the same content has the same release hash. */
export function canonical(manifest: Manifest): string {
  const files = Object.fromEntries(Object.entries(manifest.files).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { spa, slash, redirects, headers } = manifest.settings;
  return JSON.stringify({ v: 1, files, settings: { spa, slash, redirects, headers } });
}

export function totals(manifest: Manifest): { files: number; bytes: number } {
  const entries = Object.values(manifest.files);
  return { files: entries.length, bytes: entries.reduce((sum, file) => sum + file.s, 0) };
}

export function hashes(manifest: Manifest): Set<string> {
  return new Set(Object.values(manifest.files).map((file) => file.h));
}
