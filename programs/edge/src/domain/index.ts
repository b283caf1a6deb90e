/** Serves the tenants' sites. Public, reads only, believes nothing but a host name that routing knows. */
import { hex, sha256 } from "../shared/crypto.ts";
import { closed, type TenantDoc } from "../shared/entitlements.ts";
import { Problem } from "../shared/errors.ts";
import { json, problemResponse, requestId } from "../shared/http.ts";
import { requestPath } from "../shared/paths.ts";
import type { Manifest } from "../shared/site.ts";
import { deliver } from "./deliver.ts";
import type { DomainEnv } from "./env.ts";
import { FORM_PATH, formMoment, submitForm } from "./forms.ts";
import { securityHeaders, type Place } from "./headers.ts";
import { findHost, findManifest, findPointer, findTenant, readDraft } from "./lookup.ts";
import { page, pageLanguage, type Page } from "./pages.ts";
import { mayPreview, openPreview } from "./preview.ts";
import { resolve } from "./resolve.ts";

type Visit = { env: DomainEnv; ctx: ExecutionContext; request: Request; url: URL; place: Place; tenant: TenantDoc };

export default {
  async fetch(request: Request, env: DomainEnv, ctx: ExecutionContext): Promise<Response> {
    try {
      return await route(request, env, ctx);
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error, request);
      console.error(
        JSON.stringify({ level: "error", event: "unhandled", request_id: requestId(request), error: String(error).slice(0, 300) }),
      );
      return page("broken", 502, pageLanguage(request, null), null);
    }
  },
};

async function route(request: Request, env: DomainEnv, ctx: ExecutionContext): Promise<Response> {
  const url = new URL(request.url);
  const entry = await findHost(env, url.hostname.toLowerCase().replace(/\.$/, ""));
  if (!entry) return page("unknown", 404, pageLanguage(request, null), null);
  const place: Place = { entry, https: env.PUBLIC_SCHEME === "https" };
  const tenant = await findTenant(env, entry.t);
  if (url.pathname === "/_sp/health") return health(env, place, tenant);
  if (entry.to) return moved(env, url, entry.to, place);
  if (!tenant) return page("setup", 503, pageLanguage(request, null), place, { "retry-after": "30" });
  return visit({ env, ctx, request, url, place, tenant });
}

async function visit(visit: Visit): Promise<Response> {
  const { request, url, place, tenant } = visit;
  const own = requestPath(url.pathname);
  if (own === null) return shown(visit, "bad", 400);
  const barred = closed(tenant.status);
  if (barred) return shown(visit, barred.page, barred.status, barred.retryAfter ? { "retry-after": String(barred.retryAfter) } : {});
  if (own.startsWith("/_sp/") || own === "/_sp") return platformPath(visit, own);
  if (request.method !== "GET" && request.method !== "HEAD") throw new Problem(405, "method_not_allowed", {}, { allow: "GET, HEAD" });
  if (place.entry.kind !== "preview") return live(visit, own);
  if (!(await mayPreview(visit.env, request, url.hostname, place))) return shown(visit, "preview", 403);
  return serve(visit, own, await readDraft(visit.env, place.entry.t));
}

async function live(visit: Visit, path: string): Promise<Response> {
  const { env, place } = visit;
  const pointer = await findPointer(env, place.entry.t);
  if (!pointer) return shown(visit, "soon", 404);
  return serve(visit, path, await findManifest(env, place.entry.t, pointer.release));
}

async function serve(visit: Visit, path: string, manifest: Manifest | null): Promise<Response> {
  const { env, ctx, request, url, place, tenant } = visit;
  if (!manifest) return shown(visit, "soon", 404);
  const found = resolve(manifest, path, url.search, manifest.settings.spa && tenant.features.spa === true);
  if (found.kind === "redirect") return redirect(found.to, found.status, place);
  if (found.kind === "missing") return shown(visit, "missing", 404);
  const response = await deliver({ env, ctx, request, place, manifest }, found);
  if (response) return response;
  console.error(JSON.stringify({ level: "error", event: "asset_missing", tenant: place.entry.t, hash: found.file.h }));
  return shown(visit, "broken", 502);
}

async function platformPath(visit: Visit, path: string): Promise<Response> {
  const { env, request, url, place, tenant } = visit;
  if (path === "/_sp/preview" && request.method === "GET" && place.entry.kind === "preview") {
    return (await openPreview(env, url, place)) ?? shown(visit, "preview", 403);
  }
  const [, form] = FORM_PATH.exec(path) ?? [];
  if (form && request.method === "POST") return submitForm(env, request, form, place, tenant);
  if (form && request.method === "GET" && tenant.features.forms) return formMoment(env, place.entry.t);
  return shown(visit, "missing", 404);
}

async function health(env: DomainEnv, place: Place, tenant: TenantDoc | null): Promise<Response> {
  const pointer = await findPointer(env, place.entry.t);
  const status = tenant?.status ?? "unknown";
  const ok = tenant !== null && closed(tenant.status) === null;
  const mark = hex(await sha256(place.entry.t)).slice(0, 8);
  return json({ ok, release: pointer?.release ?? null, status }, 200, { ...securityHeaders(place), "x-sp-tenant": mark });
}

function moved(env: DomainEnv, url: URL, to: string, place: Place): Response {
  const port = env.PUBLIC_PORT ? `:${env.PUBLIC_PORT}` : "";
  return redirect(`${env.PUBLIC_SCHEME}://${to}${port}${url.pathname}${url.search}`, 308, place);
}

function redirect(location: string, status: number, place: Place): Response {
  return new Response(null, { status, headers: { ...securityHeaders(place), location, "cache-control": "no-store" } });
}

function shown({ request, place, tenant }: Visit, name: Page, status: number, extra: Record<string, string> = {}): Response {
  return page(name, status, pageLanguage(request, tenant.locale), place, extra);
}
