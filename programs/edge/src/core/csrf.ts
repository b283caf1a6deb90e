import { b64url, sameText, unb64 } from "../shared/crypto.ts";
import { Problem } from "../shared/errors.ts";
import { portalOrigins, type CoreEnv } from "./env.ts";
import type { Session } from "./session.ts";

/** A different text in every answer, so that compression cannot leak it; the mask travels in front. */
export function csrfToken(session: Session): string {
  const secret = unb64(session.csrf)!;
  const mask = crypto.getRandomValues(new Uint8Array(secret.length));
  return b64url(new Uint8Array([...mask, ...secret.map((byte, at) => byte ^ mask[at]!)]));
}

export async function requireOwnPage(env: CoreEnv, request: Request, session: Session): Promise<void> {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") throw new Problem(403, "cross_site");
  if (!portalOrigins(env).includes(request.headers.get("origin") ?? "")) throw new Problem(403, "cross_site");
  const masked = unb64(request.headers.get("x-csrf-token") ?? "") ?? new Uint8Array();
  const half = masked.length / 2;
  const token = b64url(masked.slice(0, half).map((byte, at) => byte ^ masked[half + at]!));
  if (half !== 32 || !(await sameText(token, session.csrf))) throw new Problem(403, "bad_csrf_token");
}
