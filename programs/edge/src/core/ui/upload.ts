/** From files on this computer to entries of the draft: hash here, send only what is missing, commit in one step. */
import { ApiError, call, post } from "./api.ts";
import type { Picked } from "./changes.ts";
import { commit, loadDraft, type Draft } from "./model.ts";

export type Hashed = Picked & { sha256: string };
export type Progress = (state: { done: number; all: number; waiting: boolean }) => void;
const PARALLEL = 6;
const BATCH = 500;
const TRIES = 6;

export async function hashAll(picked: Picked[]): Promise<Hashed[]> {
  const hashed: Hashed[] = [];
  for (const one of picked) {
    const digest = await crypto.subtle.digest("SHA-256", await one.file.arrayBuffer());
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    hashed.push({ ...one, sha256 });
  }
  return hashed;
}

export async function uploadAll(files: Hashed[], remove: string[], progress: Progress, signal: AbortSignal): Promise<void> {
  await sendMissing(files, progress, signal);
  signal.throwIfAborted();
  let draft = await loadDraft();
  for (let at = 0; at < Math.max(files.length, 1); at += BATCH) {
    const put = files.slice(at, at + BATCH).map(({ path, sha256 }) => ({ path, sha256 }));
    const last = at + BATCH >= files.length;
    draft = { ...draft, etag: await commit(draft, { put, delete: last ? remove : [] }) };
  }
}

async function sendMissing(files: Hashed[], progress: Progress, signal: AbortSignal): Promise<void> {
  const unique = [...new Map(files.map((file) => [file.sha256, file])).values()];
  const missing = await missingOf(unique);
  const queue = unique.filter((file) => missing.has(file.sha256));
  const all = queue.length;
  let done = 0;
  progress({ done, all, waiting: false });
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await sendOne(next, signal, (waiting) => progress({ done, all, waiting }));
      done += 1;
      progress({ done, all, waiting: false });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

async function missingOf(files: Hashed[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let at = 0; at < files.length; at += BATCH) {
    const hashes = files.slice(at, at + BATCH).map((file) => file.sha256);
    const { missing } = await post<{ missing: string[] }>("/api/v1/blobs/check", { hashes });
    for (const sha256 of missing) found.add(sha256);
  }
  return found;
}

/** Uploads are limited per minute; waiting as long as the answer says is not an error. */
async function sendOne(file: Hashed, signal: AbortSignal, waiting: (now: boolean) => void): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await call("PUT", `/api/v1/blobs/${file.sha256}`, { raw: file.file, signal });
      return waiting(false);
    } catch (error) {
      const again = error instanceof ApiError && (error.status === 429 || error.status === 0 || error.status >= 500);
      if (!again || attempt === TRIES) throw error;
      waiting(true);
      await pause(Math.min(20, Number(error.details.retry_after ?? attempt)) * 1000, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

/** Puts the draft back to another state of the site, in as many commits as the limit asks for. */
export async function resetDraft(draft: Draft, target: Draft["manifest"]): Promise<void> {
  const gone = Object.keys(draft.manifest.files).filter((path) => !target.files[path]);
  const put = Object.entries(target.files)
    .filter(([path, file]) => draft.manifest.files[path]?.h !== file.h)
    .map(([path, file]) => ({ path, sha256: file.h }));
  let current = draft;
  for (let at = 0; at === 0 || at < put.length; at += BATCH) {
    const change = { put: put.slice(at, at + BATCH), delete: at === 0 ? gone : [], settings: target.settings };
    current = { ...current, etag: await commit(current, change) };
  }
}

/** Files out of a drop: folders are walked through, empty ones leave nothing. */
export async function dropped(transfer: DataTransfer): Promise<Picked[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map((entry) => walk(entry)))).flat();
}

async function walk(entry: FileSystemEntry): Promise<Picked[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...(await Promise.all(some.map((one) => walk(one)))).flat());
  }
}

export function chosen(input: HTMLInputElement): Picked[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}
