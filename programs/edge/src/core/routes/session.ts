import { permit, readTenant } from "../../shared/entitlements.ts";
import { Problem } from "../../shared/errors.ts";
import { empty, json, readJson } from "../../shared/http.ts";
import type { Call, Visitor } from "../call.ts";
import { csrfToken } from "../csrf.ts";
import { endSession, goneCookie, startSession } from "../session.ts";

export async function showSession({ env, session, tenant }: Call): Promise<Response> {
  return json({
    user: { id: session.uid, email: session.email, name: session.name, locale: session.locale },
    role: session.role,
    tenant: { id: session.tid, slug: tenant.slug, status: tenant.status, banner: tenant.banner, primary: tenant.primary },
    tenants: session.tenants,
    features: tenant.features,
    limits: tenant.limits,
    portal: `${env.CONTROL_URL}/portal/t/${session.tid}`,
    csrf: csrfToken(session),
  });
}

/** Another tenant means another role, therefore another session id. */
export async function switchTenant({ env, request, session, handle }: Visitor): Promise<Response> {
  const { tenant_id: wanted } = await readJson(request, 1000);
  const membership = session.tenants.find((candidate) => candidate.id === wanted);
  if (!membership) throw new Problem(403, "not_a_member");
  const tenant = await readTenant(env.ROUTING, membership.id);
  if (!tenant) throw new Problem(503, "not_ready_yet", {}, { "retry-after": "30" });
  permit(tenant, "login", membership.role);
  const { uid, email, name, locale, auth_time, tenants } = session;
  const person = { uid, email, name, locale, auth_time, tenants };
  const cookie = await startSession(env, person, membership.id, session.epochs, session.created);
  await endSession(env, handle);
  return empty(204, { "set-cookie": cookie });
}

export async function signOut({ env, handle }: Visitor): Promise<Response> {
  await endSession(env, handle);
  return empty(204, { "set-cookie": goneCookie, "clear-site-data": '"cookies"' });
}
