/** Takes what a visitor wrote, refuses what no visitor wrote, and hands it to the Mailer. */
import { randomId } from "../shared/crypto.ts";
import type { TenantDoc } from "../shared/entitlements.ts";
import { Problem, unwrap } from "../shared/errors.ts";
import { clientKey, json, limitRate, parseObject, readBody } from "../shared/http.ts";
import { ownPath } from "../shared/paths.ts";
import { momentOf, signMoment, visitorHash } from "../shared/tokens.ts";
import type { DomainEnv } from "./env.ts";
import { page, pageLanguage } from "./pages.ts";
import type { Place } from "./headers.ts";

const MAX_BODY = 32 << 10;
const MAX_FIELDS = 30;
const MAX_TEXT = 5000;
const FASTEST_MS = 2000;
export const FORM_PATH = /^\/_sp\/forms\/([a-z0-9-]{1,40})$/;

export async function formMoment(env: DomainEnv, tid: string): Promise<Response> {
  return json({ t: await signMoment(env.PREVIEW_KEY, tid, Date.now()) });
}

export async function submitForm(env: DomainEnv, request: Request, form: string, place: Place, tenant: TenantDoc): Promise<Response> {
  requireOpen(tenant, request);
  const { t: tid } = place.entry;
  await limitRate(env.RL_FORM_IP, `${tid}:${clientKey(request)}`);
  await limitRate(env.RL_FORM_TENANT, tid);
  const isJson = mediaType(request) === "application/json";
  const fields = await readFields(request, isJson);
  const { _next: next, _hp: trap, _t: moment, _n: nonce, ...visible } = fields;
  const id = trap || (moment && (await tooFast(env, tid, moment))) ? randomId(9) : await forward(env, request, form, tid, visible, nonce);
  if (isJson) return json({ ok: true, id }, 202);
  return next ? seeOther(ownPath(next)) : page("thanks", 200, pageLanguage(request, tenant.locale), place);
}

function requireOpen(tenant: TenantDoc, request: Request): void {
  if (!tenant.features.forms) throw new Problem(404, "not_found");
  const origin = request.headers.get("origin");
  if (origin && origin !== "null" && hostOf(origin) !== new URL(request.url).host) throw new Problem(403, "foreign_origin");
  if (["cross-site", "same-site"].includes(request.headers.get("sec-fetch-site") ?? "")) throw new Problem(403, "foreign_origin");
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}

function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

async function readFields(request: Request, isJson: boolean): Promise<Record<string, string>> {
  if (!isJson && mediaType(request) !== "application/x-www-form-urlencoded") throw new Problem(415, "form_required");
  const body = await readBody(request, MAX_BODY);
  const pairs = isJson ? Object.entries(parseObject(body)) : [...new URLSearchParams(new TextDecoder().decode(body))];
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) {
    if (typeof value !== "string" || value.length > MAX_TEXT || !/^[\p{L}\p{N} _.\-[\]]{1,60}$/u.test(name))
      throw new Problem(400, "bad_field");
    fields[name] = name in fields ? `${fields[name]}, ${value}`.slice(0, MAX_TEXT) : value;
  }
  if (Object.keys(fields).length > MAX_FIELDS) throw new Problem(400, "too_many_fields");
  return { ...fields };
}

async function tooFast(env: DomainEnv, tid: string, token: string): Promise<boolean> {
  const shown = await momentOf(env.PREVIEW_KEY, tid, token);
  return shown === null || Date.now() - shown < FASTEST_MS;
}

async function forward(
  env: DomainEnv,
  request: Request,
  form: string,
  tid: string,
  fields: Record<string, string>,
  nonce?: string,
): Promise<string> {
  if (!Object.values(fields).some((value) => value.trim())) throw new Problem(400, "empty_form");
  const stored = await env.FORMS.submit({
    tid,
    form,
    fields,
    host: new URL(request.url).hostname,
    ipHash: await visitorHash(env.PREVIEW_KEY, clientKey(request), Date.now()),
    ua: (request.headers.get("user-agent") ?? "").slice(0, 200),
    nonce: nonce && /^[\w-]{8,64}$/.test(nonce) ? nonce : randomId(16),
  });
  return unwrap(stored).id;
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}
