/**
 * Two keys a session: `s:` is the record, written once and readable only with the browser's id; `i:` says when it was last used and
 * disappears when it is idle. So no late write of a busy page can bring back a session that has ended.
 */
import { decrypt, encrypt } from "../shared/aes.ts";
import { randomId, sha256, sha256hex } from "../shared/crypto.ts";
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
  const session: Session = { v: 1, ...person, tid, role: membership.role, epochs, csrf: randomId(), created };
  await save(env, sid, session);
  const cookie = await seal(env, "session", sid);
  return `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${created + ABSOLUTE_S - now()}`;
}

const recordKey = (sid: string): Promise<Uint8Array> => sha256(`session-record|${sid}`);

async function save(env: CoreEnv, sid: string, session: Session): Promise<void> {
  const handle = await sha256hex(sid);
  const record = await encrypt(await recordKey(sid), handle, JSON.stringify(session));
  const expiration = Math.max(session.created + ABSOLUTE_S, now() + 60);
  await Promise.all([env.SESSIONS.put(`s:${handle}`, record, { expiration }), touch(env, handle)]);
}

function touch(env: CoreEnv, handle: string): Promise<void> {
  return env.SESSIONS.put(`i:${handle}`, String(now()), { expirationTtl: IDLE_S });
}

export async function findSession(env: CoreEnv, ctx: ExecutionContext, request: Request): Promise<Signed | null> {
  for (const cookie of cookies(request, COOKIE)) {
    const sid = await unseal(env, "session", cookie);
    const signed = sid && (await read(env, sid));
    if (!signed || !(await stillGood(env, signed.session))) continue;
    // KV takes one write a second on a key, so not every request leaves a trace.
    if (now() - signed.seen > TOUCH_S) ctx.waitUntil(touch(env, signed.handle));
    return signed;
  }
  return null;
}

async function read(env: CoreEnv, sid: string): Promise<(Signed & { seen: number }) | null> {
  const handle = await sha256hex(sid);
  const [record, seen] = await Promise.all([
    env.SESSIONS.get(`s:${handle}`, { type: "text", cacheTtl: 30 }),
    env.SESSIONS.get(`i:${handle}`, { type: "text", cacheTtl: 30 }),
  ]);
  if (!record || !seen) return null;
  const opened = await decrypt(await recordKey(sid), handle, record).catch(() => null);
  if (opened === null) console.error(JSON.stringify({ level: "error", event: "session_unreadable", session: handle }));
  return opened === null ? null : { session: JSON.parse(opened) as Session, handle, seen: Number(seen) };
}

async function stillGood(env: CoreEnv, session: Session): Promise<boolean> {
  if (now() > session.created + ABSOLUTE_S) return false;
  const revoked = await env.SESSIONS.get<{ not_before: number }>(`u:${session.uid}`, { type: "json", cacheTtl: 30 });
  return !revoked || session.created > revoked.not_before;
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
  await Promise.all([env.SESSIONS.delete(`s:${handle}`), env.SESSIONS.delete(`i:${handle}`)]);
}

export async function revokeUser(env: CoreEnv, uid: string, notBefore: number): Promise<void> {
  const known = await env.SESSIONS.get<{ not_before: number }>(`u:${uid}`, "json");
  const latest = Math.max(notBefore, known?.not_before ?? 0);
  await env.SESSIONS.put(`u:${uid}`, JSON.stringify({ not_before: latest }), { expirationTtl: ABSOLUTE_S + 3600 });
}

export const goneCookie = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;
