import { blobKey } from "../shared/keys.ts";
import { parseRange, type Range } from "../shared/ranges.ts";
import type { FileEntry, Manifest } from "../shared/site.ts";
import type { DomainEnv } from "./env.ts";
import { fileHeaders, type Place } from "./headers.ts";
import type { Found } from "./resolve.ts";

const CACHE_LIMIT = 5 << 20;
export type Delivery = { env: DomainEnv; ctx: ExecutionContext; request: Request; place: Place; manifest: Manifest };

/** Null tells that the blob is gone although a manifest names it. */
export async function deliver(delivery: Delivery, found: Found & { kind: "file" }): Promise<Response | null> {
  const { request, place, manifest } = delivery;
  const { file, status } = found;
  const headers = fileHeaders(manifest, found.path, file.t, place);
  if (status === 404) headers.set("cache-control", "public, max-age=0, must-revalidate");
  else headers.set("etag", `"${file.h}"`);
  if (status === 200 && unchanged(request, file)) return new Response(null, { status: 304, headers });
  headers.set("content-length", String(file.s));
  if (status === 404) return whole(delivery, file, headers, 404);
  headers.set("accept-ranges", "bytes");
  const range = wantedRange(request, file);
  if (range === "unsatisfiable") return unsatisfiable(file, headers);
  return range ? part(delivery, file, headers, range) : whole(delivery, file, headers, 200);
}

function unchanged(request: Request, file: FileEntry): boolean {
  const tags = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(`"${file.h}"`);
}

function wantedRange(request: Request, file: FileEntry): Range | "unsatisfiable" | null {
  const condition = request.headers.get("if-range");
  if (request.method !== "GET" || (condition && condition !== `"${file.h}"`)) return null;
  return parseRange(request.headers.get("range"), file.s);
}

function unsatisfiable(file: FileEntry, headers: Headers): Response {
  headers.set("content-range", `bytes */${file.s}`);
  headers.set("cache-control", "no-store");
  headers.delete("content-length");
  return new Response(null, { status: 416, headers });
}

async function part({ env, place }: Delivery, file: FileEntry, headers: Headers, range: Range): Promise<Response | null> {
  const object = await env.SITES.get(blobKey(place.entry.t, file.h), { range });
  if (!object) return null;
  headers.set("content-range", `bytes ${range.offset}-${range.offset + range.length - 1}/${file.s}`);
  headers.set("content-length", String(range.length));
  return new Response(object.body, { status: 206, headers });
}

async function whole(delivery: Delivery, file: FileEntry, headers: Headers, status: number): Promise<Response | null> {
  if (delivery.request.method === "HEAD") return new Response(null, { status, headers });
  const body = await content(delivery, file);
  return body && new Response(body, { status, headers });
}

/** The cache key holds tenant and content hash: nothing is ever stale and nothing is shared between tenants. */
async function content({ env, ctx, place }: Delivery, file: FileEntry): Promise<ReadableStream | null> {
  const cacheable = env.EDGE_CACHE === "1" && file.s <= CACHE_LIMIT;
  const key = `https://cache.sp.internal/${place.entry.t}/${file.h}`;
  const hit = cacheable ? await caches.default.match(key) : undefined;
  if (hit?.body) return hit.body;
  const object = await env.SITES.get(blobKey(place.entry.t, file.h));
  if (!object || !cacheable || file.s === 0) return object?.body ?? null;
  const [forVisitor, forCache] = object.body.tee();
  const stored = new Response(forCache, {
    headers: { "cache-control": "public, max-age=31536000, immutable", "content-length": String(file.s) },
  });
  ctx.waitUntil(caches.default.put(key, stored).catch(() => undefined));
  return forVisitor;
}
