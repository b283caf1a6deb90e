import { Problem, describe } from "./errors.ts";

export function json(body: unknown, status = 200, headers: HeadersInit = {}): Response {
  const all = new Headers(headers);
  all.set("content-type", "application/json");
  all.set("cache-control", "no-store");
  all.set("x-content-type-options", "nosniff");
  return new Response(JSON.stringify(body), { status, headers: all });
}

export function empty(status = 204, headers: HeadersInit = {}): Response {
  const all = new Headers(headers);
  all.set("cache-control", "no-store");
  return new Response(null, { status, headers: all });
}

export function problemResponse(error: unknown, request: Request): Response {
  const problem = error instanceof Problem ? error : new Problem(500, "internal_error");
  if (!(error instanceof Problem)) {
    console.error(JSON.stringify({ level: "error", event: "unhandled", error: describe(error), request_id: requestId(request) }));
  }
  const { status, code, details, headers } = problem;
  return json({ error: { code, message: messageOf(code), details, request_id: requestId(request) } }, status, headers);
}

function messageOf(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1) + ".";
}

export function requestId(request: Request): string {
  return request.headers.get("cf-ray") ?? "local";
}

/** Reads a JSON object with a size limit that holds even when no content-length was sent. */
export async function readJson(request: Request, limit = 1 << 20): Promise<Record<string, unknown>> {
  if ((request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() !== "application/json") {
    throw new Problem(415, "json_required");
  }
  return parseObject(await readBody(request, limit));
}

export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Problem(400, "bad_json");
  }
  if (!isRecord(value)) throw new Problem(400, "bad_json");
  return value;
}

export async function readBody(request: { body: ReadableStream | null; headers: Headers }, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw new Problem(413, "too_large", { max: limit });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw new Problem(413, "too_large", { max: limit });
    chunks.push(chunk);
  }
  return join(chunks, size);
}

function join(chunks: Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One address for an IPv4 client, one /64 for an IPv6 client: a household, not a device. */
export function clientKey(request: Request): string {
  const ip = request.headers.get("cf-connecting-ip") ?? "unknown";
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = ip.toLowerCase().split("::");
  const groups = head.split(":").filter(Boolean);
  if (tail !== undefined) while (groups.length < 4) groups.push("0");
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

export async function limitRate(limiter: RateLimit, key: string, retryAfter = 60): Promise<void> {
  const { success } = await limiter.limit({ key });
  if (!success) throw new Problem(429, "rate_limited", {}, { "retry-after": String(retryAfter) });
}

export function cookies(request: Request, name: string): string[] {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(name + "=")).map((pair) => pair.slice(name.length + 1));
}
