import { Problem } from "../shared/errors.ts";
import { enter, identify, pass, type Gate, type Handler, type Route, type Visitor } from "./call.ts";
import type { CoreEnv } from "./env.ts";
import { proxy } from "./proxy.ts";
import { listInvoices, openBilling } from "./routes/billing.ts";
import { deleteSubmission, listInbox, testMail } from "./routes/inbox.ts";
import { showSession, signOut, switchTenant } from "./routes/session.ts";
import {
  checkBlobs,
  commitDraft,
  listReleases,
  preview,
  publish,
  putBlob,
  rollback,
  showDraft,
  showRelease,
  showSite,
} from "./routes/site.ts";

const anyone: Gate = { action: "login", least: "reader" };
const reader: Gate = { action: "read", least: "reader" };
const cleaner: Gate = { action: "read", least: "editor" };
const writer: Gate = { action: "draft", least: "editor" };
const publisher: Gate = { action: "publish", least: "editor" };
const payer: Gate = { action: "billing", least: "owner" };

const route = (method: string, path: string, gate: Gate, handler: Handler): Route => ({
  method,
  path: new RegExp(`^${path}$`),
  handler,
  ...gate,
});

export const ROUTES: Route[] = [
  route("GET", "/api/v1/session", anyone, showSession),
  route("GET", "/api/v1/site", reader, showSite),
  route("POST", "/api/v1/blobs/check", writer, checkBlobs),
  route("PUT", "/api/v1/blobs/([0-9a-f]{64})", writer, putBlob),
  route("GET", "/api/v1/draft", reader, showDraft),
  route("POST", "/api/v1/draft/commit", writer, commitDraft),
  route("POST", "/api/v1/publish", publisher, publish),
  route("GET", "/api/v1/releases", reader, listReleases),
  route("GET", "/api/v1/releases/(r[0-9]{1,9}-[0-9a-f]{12})", reader, showRelease),
  route("POST", "/api/v1/rollback", publisher, rollback),
  route("POST", "/api/v1/preview", reader, preview),
  route("POST", "/api/v1/billing/portal", { ...payer, fresh: true }, openBilling),
  route("GET", "/api/v1/billing/invoices", payer, listInvoices),
  route("GET", "/api/v1/inbox", reader, listInbox),
  route("POST", "/api/v1/inbox/test", publisher, testMail),
  route("DELETE", "/api/v1/inbox/([0-9]{8}T[0-9]{9}-[0-9a-f]{12})", cleaner, deleteSubmission),
];

/** Open whatever has become of the website, or one could neither leave nor go to another. */
const ALWAYS: Record<string, (visitor: Visitor) => Promise<Response>> = {
  "/auth/logout": signOut,
  "/api/v1/session/tenant": switchTenant,
};

export async function api(env: CoreEnv, ctx: ExecutionContext, request: Request, url: URL): Promise<Response> {
  const visitor = await identify(env, ctx, request, url);
  const always = Object.hasOwn(ALWAYS, url.pathname) ? ALWAYS[url.pathname] : undefined;
  if (always && request.method !== "POST") throw new Problem(405, "method_not_allowed");
  if (always) return always(visitor);
  const call = await enter(visitor);
  if (url.pathname.startsWith("/api/v1/account/")) return proxy(call);
  const candidates = ROUTES.filter((candidate) => candidate.path.test(url.pathname));
  const found = candidates.find((candidate) => candidate.method === request.method);
  if (!found) throw candidates.length ? new Problem(405, "method_not_allowed") : new Problem(404, "not_found");
  pass(call, found);
  return found.handler({ ...call, params: (found.path.exec(url.pathname) ?? []).slice(1) });
}
