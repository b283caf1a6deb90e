/** The one way to the server: adds the CSRF token, turns answers into values and refusals into errors. */
import { known, t } from "./text.ts";

export type Details = Record<string, unknown>;

export class ApiError extends Error {
  status: number;
  code: string;
  details: Details;
  requestId: string | null;

  constructor(status: number, code: string, details: Details = {}, requestId: string | null = null) {
    super(code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }
}

export type Answer<T> = { value: T; etag: string | null };
type Options = { body?: unknown; raw?: Blob; ifMatch?: string; signal?: AbortSignal };

let csrf = "";

export function setCsrf(token: string): void {
  csrf = token;
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const response = await send(method, path, options);
  if (!response.ok) throw await refusal(response);
  const value = (response.status === 204 ? null : await response.json()) as T;
  // What the edge compresses gets a weak tag; the draft behind it is the same.
  return { value, etag: response.headers.get("etag")?.replace(/^W\//, "") ?? null };
}

async function send(method: string, path: string, { body, raw, ifMatch, signal }: Options): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-csrf-token"] = csrf;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (ifMatch) headers["if-match"] = ifMatch;
  try {
    const content = raw ?? (body === undefined ? null : JSON.stringify(body));
    return await fetch(path, { method, headers, body: content, signal: signal ?? null, credentials: "same-origin" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "network");
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as {
    error?: { code: string; details: Details; request_id: string };
    code?: string;
  } | null;
  const { code = body?.code ?? "other", details = {}, request_id = null } = body?.error ?? {};
  const wait = response.headers.get("retry-after");
  return new ApiError(response.status, code, wait ? { ...details, retry_after: Number(wait) } : details, request_id);
}

export async function get<T>(path: string): Promise<T> {
  return (await call<T>("GET", path)).value;
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await call<T>("POST", path, { body })).value;
}

/** What happened and what to do, in the reader's language. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return t("error_other");
  const values = Object.fromEntries(Object.entries(error.details).map(([name, value]) => [name, String(value)]));
  const text = known("error", error.code, "error_other");
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
