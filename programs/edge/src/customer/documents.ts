/** JSON objects in R2 with compare-and-swap: the only strongly consistent store the Workers have. */
import { Problem } from "../shared/errors.ts";

export type Stored<T> = { value: T; etag: string };

export async function readDocument<T>(bucket: R2Bucket, key: string): Promise<Stored<T> | null> {
  const object = await bucket.get(key);
  if (!object) return null;
  return { value: await object.json<T>(), etag: object.etag };
}

/** Writes only if the object still is what was read (or still is absent); null tells of a lost race. */
export async function swapDocument(bucket: R2Bucket, key: string, body: string, etag: string | null): Promise<string | null> {
  const onlyIf = etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag };
  const written = await bucket.put(key, body, { onlyIf, httpMetadata: { contentType: "application/json" } });
  return written ? written.etag : null;
}

export async function inBatches<T, R>(items: T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  }
  return results;
}

/** Everything under a prefix, page by page; `include` costs nothing but bytes. */
export async function* listAll(bucket: R2Bucket, prefix: string): AsyncGenerator<R2Object> {
  let cursor: string | undefined;
  do {
    const page: R2Objects = await bucket.list({ prefix, cursor, include: ["customMetadata"] } as R2ListOptions);
    yield* page.objects;
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor);
}

export function requireList(value: unknown, max: number, code: string): unknown[] {
  if (!Array.isArray(value) || value.length > max) throw new Problem(400, code, { max });
  return value;
}
