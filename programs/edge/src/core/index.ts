/** The gateway: who asks, what for, and which Worker does it. */
import { Problem } from "../shared/errors.ts";
import { json, problemResponse } from "../shared/http.ts";
import { api } from "./api.ts";
import { portalOrigin, type CoreEnv } from "./env.ts";
import { beginLogin, finishLogin } from "./oauth.ts";
import { ops } from "./ops/router.ts";
import { asset, shell } from "./portal.ts";

export default {
  async fetch(request: Request, env: CoreEnv, ctx: ExecutionContext): Promise<Response> {
    try {
      return await route(request, env, ctx);
    } catch (error) {
      return problemResponse(error, request);
    }
  },
};

async function route(request: Request, env: CoreEnv, ctx: ExecutionContext): Promise<Response> {
  const url = new URL(request.url);
  const isOps = url.hostname === env.OPS_HOST;
  const isPortal = portalOrigin(env, url) !== undefined;
  if (!isOps && !isPortal) throw new Problem(404, "not_found");
  if (url.pathname === "/healthz") return json({ ok: true, version: env.VERSION.id });
  return isOps ? opsHost(request, env, url) : portalHost(request, env, ctx, url);
}

function opsHost(request: Request, env: CoreEnv, url: URL): Promise<Response> {
  if (url.pathname !== "/readyz" && !url.pathname.startsWith("/ops/v1/")) throw new Problem(404, "not_found");
  return ops(env, request, url);
}

async function portalHost(request: Request, env: CoreEnv, ctx: ExecutionContext, url: URL): Promise<Response> {
  const { pathname } = url;
  if (pathname.startsWith("/api/v1/") || pathname === "/auth/logout") return api(env, ctx, request, url);
  if (request.method !== "GET" && request.method !== "HEAD") throw new Problem(405, "method_not_allowed");
  if (pathname === "/auth/login") return beginLogin(env, request, url);
  if (pathname === "/auth/callback") return finishLogin(env, ctx, request, url);
  return pathname.startsWith("/assets/") ? asset(pathname) : shell(env, pathname);
}
