export type Range = { offset: number; length: number };

/**
 * One range of `bytes=a-b`, `bytes=a-` or `bytes=-n`. "unsatisfiable" asks for 416; null for the whole object:
 * several ranges and garbage may be ignored, and R2's own parser answers them differently in each runtime.
 */
export function parseRange(header: string | null, size: number): Range | "unsatisfiable" | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (!first && !last)) return null;
  if (!first) return suffix(Number(last), size);
  const from = Number(first);
  const to = last ? Math.min(Number(last), size - 1) : size - 1;
  if (last && Number(last) < from) return null;
  return from >= size ? "unsatisfiable" : { offset: from, length: to - from + 1 };
}

function suffix(count: number, size: number): Range | "unsatisfiable" {
  if (count === 0 || size === 0) return "unsatisfiable";
  const length = Math.min(count, size);
  return { offset: size - length, length };
}
