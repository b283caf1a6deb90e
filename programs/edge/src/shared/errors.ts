/** The one error vocabulary of all Workers: a Problem becomes the envelope, a Result crosses an RPC boundary. */

export type Details = Record<string, unknown>;
export type Failure = { ok: false; status: number; code: string; details?: Details };
export type Result<T = object> = ({ ok: true } & T) | Failure;

export class Problem extends Error {
  status: number;
  code: string;
  details: Details;
  headers: Record<string, string>;

  constructor(status: number, code: string, details: Details = {}, headers: Record<string, string> = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

export function failure(status: number, code: string, details?: Details): Failure {
  return details ? { ok: false, status, code, details } : { ok: false, status, code };
}

/** Runs the body of an RPC method: a Problem is an answer, anything else is logged without its arguments. */
export async function answer<T extends object>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, ...(await work()) };
  } catch (error) {
    if (error instanceof Problem) return failure(error.status, error.code, error.details);
    console.error(JSON.stringify({ level: "error", event: "rpc_failed", error: describe(error) }));
    return failure(502, "internal_error");
  }
}

export function unwrap<T>(result: Result<T>): T {
  if ((result as Failure).ok === false) {
    const failed = result as Failure;
    throw new Problem(failed.status, failed.code, failed.details);
  }
  return result as T;
}

export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : "unknown";
}
