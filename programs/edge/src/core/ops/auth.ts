/** Proof that the control plane wants exactly this: the token names method, path, body, environment and tenant. */
import { b64url, sha256, unhex, verifyJwt, type Claims, type Jwk } from "../../shared/crypto.ts";
import { Problem } from "../../shared/errors.ts";
import { limitRate, readBody } from "../../shared/http.ts";
import type { CoreEnv } from "../env.ts";

const LIFETIME_S = 60;
const SKEW_S = 30;
const MAX_BODY = 2 << 20;

export async function requireControlPlane(env: CoreEnv, request: Request, url: URL, subject: string): Promise<Claims> {
  const token = /^Bearer ([\w.-]{1,4000})$/.exec(request.headers.get("authorization") ?? "")?.[1];
  const claims = token ? await verifyJwt(token, jwks(env)) : null;
  if (!claims || !holds(env, claims, request, url, subject)) throw new Problem(401, "unauthorized");
  await limitRate(env.RL_OPS, String(claims.iss));
  return claims;
}

function jwks(env: CoreEnv): Jwk[] {
  return (JSON.parse(env.OPS_JWKS) as { keys: Jwk[] }).keys;
}

function holds(env: CoreEnv, claims: Claims, request: Request, url: URL, subject: string): boolean {
  const { iat, exp } = claims;
  const now = Date.now() / 1000;
  if (!Number.isFinite(iat) || !Number.isFinite(exp)) return false;
  const inTime = (exp as number) > now - SKEW_S && (iat as number) < now + SKEW_S && (exp as number) - (iat as number) <= LIFETIME_S;
  const meant = claims.iss === "control-plane" && claims.aud === "edge-ops" && claims.env === env.ENVIRONMENT;
  const exact = claims.m === request.method && claims.p === url.pathname + url.search && claims.sub === subject;
  return inTime && meant && exact && typeof claims.jti === "string";
}

export async function signedBody(request: Request, claims: Claims): Promise<Uint8Array> {
  const body = await readBody(request, MAX_BODY);
  if (claims.bh !== b64url(await sha256(body))) throw new Problem(401, "unauthorized");
  return body;
}

/** A blob is named by its hash, so the token covers its content without it being read here. */
export function requireSignedHash(claims: Claims, sha: string): void {
  if (claims.bh !== b64url(unhex(sha))) throw new Problem(401, "unauthorized");
}
