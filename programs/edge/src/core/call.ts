/** One request of a signed-in person, after every gate that its route asks for. */
import { permit, readTenant, requireRole, type Action, type Role, type TenantDoc } from "../shared/entitlements.ts";
import { Problem } from "../shared/errors.ts";
import { limitRate } from "../shared/http.ts";
import { requireOwnPage } from "./csrf.ts";
import type { CoreEnv } from "./env.ts";
import { requireEpoch, requireFresh, requireSession, type Session } from "./session.ts";

export type Gate = { action: Action; least: Role; fresh?: boolean };
export type Call = {
  env: CoreEnv;
  ctx: ExecutionContext;
  request: Request;
  url: URL;
  params: string[];
  session: Session;
  handle: string;
  tenant: TenantDoc;
};
export type Handler = (call: Call) => Promise<Response>;
export type Route = Gate & { method: string; path: RegExp; handler: Handler };

export type Visitor = Omit<Call, "tenant">;

/** Who asks, and that it is really them: all that signing out and changing the website need. */
export async function identify(env: CoreEnv, ctx: ExecutionContext, request: Request, url: URL): Promise<Visitor> {
  const { session, handle } = await requireSession(env, ctx, request);
  await limitRate(env.RL_API, handle);
  if (request.method !== "GET") await requireOwnPage(env, request, session);
  return { env, ctx, request, url, params: [], session, handle };
}

export async function enter(visitor: Visitor): Promise<Call> {
  const tenant = await readTenant(visitor.env.ROUTING, visitor.session.tid);
  if (!tenant) throw new Problem(503, "not_ready_yet", {}, { "retry-after": "30" });
  requireEpoch(visitor.session, tenant);
  permit(tenant, "login", visitor.session.role);
  return { ...visitor, tenant };
}

export function pass(call: Call, gate: Gate): void {
  permit(call.tenant, gate.action, call.session.role);
  requireRole(call.session.role, gate.least);
  if (gate.fresh) requireFresh(call.session);
}
