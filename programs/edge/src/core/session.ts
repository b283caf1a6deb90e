import { randomId, sha256hex } from "../shared/crypto.ts";
import type { Role, TenantDoc } from "../shared/entitlements.ts";
import { Problem } from "../shared/errors.ts";
import { cookies } from "../shared/http.ts";
import type { CoreEnv } from "./env.ts";
import { seal, unseal } from "./seal.ts";

export const COOKIE = "__Host-sp_session";
const ABSOLUTE_S = 12 * 3600;
const IDLE_S = 2 * 3600;
const TOUCH_S = 600;
const STEP_UP_S = 30 * 60;

export type Membership = { id: string; slug: string; role: Role };
export type Person = { uid: string; email: string; name: string; locale: "de" | "en"; auth_time: number; tenants: Membership[] };
export type Session = Person & {
  v: 1;
  tid: string;
  role: Role;
  epochs: Record<string, number>;
  csrf: string;
  created: number;
  seen: number;
};
export type Signed = { session: Session; handle: string };

const now = (): number => Math.floor(Date.now() / 1000);

/** Always a new id: what the browser brought along before is never taken over. */
export async function startSession(
  env: CoreEnv,
  person: Person,
  tid: string,
  epochs: Record<string, number>,
  created = now(),
): Promise<string> {
  const membership = person.tenants.find((tenant) => tenant.id === tid);
  if (!membership) throw new Problem(403, "not_a_member");
  const sid = randomId();
  const session: Session = { v: 1, ...person, tid, role: membership.role, epochs, csrf: randomId(), created, seen: now() };
  await save(env, await sha256hex(sid), session);
  const cookie = await seal(env, "session", sid);
  return `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${created + ABSOLUTE_S - now()}`;
}

async function save(env: CoreEnv, handle: string, session: Session): Promise<void> {
  await env.SESSIONS.put(`s:${handle}`, JSON.stringify(session), { expiration: Math.max(session.created + ABSOLUTE_S, now() + 60) });
}

export async function findSession(env: CoreEnv, ctx: ExecutionContext, request: Request): Promise<Signed | null> {
  for (const cookie of cookies(request, COOKIE)) {
    const sid = await unseal(env, "session", cookie);
    if (!sid) continue;
    const handle = await sha256hex(sid);
    const session = await env.SESSIONS.get<Session>(`s:${handle}`, { type: "json", cacheTtl: 30 });
    if (session && (await stillGood(env, session))) return touched(env, ctx, { session, handle });
  }
  return null;
}

async function stillGood(env: CoreEnv, session: Session): Promise<boolean> {
  if (now() > session.created + ABSOLUTE_S || now() - session.seen > IDLE_S) return false;
  const revoked = await env.SESSIONS.get<{ not_before: number }>(`u:${session.uid}`, { type: "json", cacheTtl: 30 });
  return !revoked || session.created > revoked.not_before;
}

/** At most one write in ten minutes: KV takes one a second on a key. */
function touched(env: CoreEnv, ctx: ExecutionContext, signed: Signed): Signed {
  if (now() - signed.session.seen > TOUCH_S) ctx.waitUntil(save(env, signed.handle, { ...signed.session, seen: now() }));
  return signed;
}

export async function requireSession(env: CoreEnv, ctx: ExecutionContext, request: Request): Promise<Signed> {
  const signed = await findSession(env, ctx, request);
  if (!signed) throw new Problem(401, "unauthenticated");
  return signed;
}

/** Raising a tenant's epoch ends every session that began before. */
export function requireEpoch(session: Session, tenant: TenantDoc): void {
  if ((session.epochs[session.tid] ?? -1) < tenant.epoch) throw new Problem(401, "unauthenticated");
}

export function requireFresh(session: Session): void {
  if (now() - session.auth_time > STEP_UP_S) throw new Problem(403, "step_up_required");
}

export async function endSession(env: CoreEnv, handle: string): Promise<void> {
  await env.SESSIONS.delete(`s:${handle}`);
}

export async function revokeUser(env: CoreEnv, uid: string, notBefore: number): Promise<void> {
  const known = await env.SESSIONS.get<{ not_before: number }>(`u:${uid}`, "json");
  const latest = Math.max(notBefore, known?.not_before ?? 0);
  await env.SESSIONS.put(`u:${uid}`, JSON.stringify({ not_before: latest }), { expirationTtl: ABSOLUTE_S + 3600 });
}

export const goneCookie = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;
