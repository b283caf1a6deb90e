/** What a tenant may do: the `t:` document, and the one table that turns its status into decisions. */
import { Problem } from "./errors.ts";
import { isRecord } from "./http.ts";
import { TENANT } from "./keys.ts";

export const STATUSES = ["provisioning", "active", "past_due", "suspended", "frozen", "offboarding", "gone"] as const;
export type Status = (typeof STATUSES)[number];
export type Role = "owner" | "editor" | "reader";
export type Limits = { file_bytes: number; site_bytes: number; files: number; releases: number; form_per_day: number };
export type TenantDoc = {
  v: 1;
  rev: number;
  status: Status;
  epoch: number;
  slug: string;
  primary: string;
  hosts: string[];
  features: Record<string, boolean>;
  limits: Limits;
  banner: string | null;
  stripe_customer: string | null;
  locale: "de" | "en";
};

/** login: sign in at all · read: look at the studio · draft, publish: change · export, billing: always the customer's right */
export type Action = "login" | "read" | "draft" | "publish" | "export" | "billing";
type Refusal = { status: number; code: string };

const unpaid: Refusal = { status: 402, code: "subscription_required" };
const frozen: Refusal = { status: 423, code: "tenant_frozen" };
const unready: Refusal = { status: 409, code: "not_ready_yet" };
const gone: Refusal = { status: 403, code: "tenant_gone" };
const everything = (refusal: Refusal): Partial<Record<Action, Refusal>> => ({
  read: refusal,
  draft: refusal,
  publish: refusal,
  export: refusal,
  billing: refusal,
});

const REFUSED: Record<Status, Partial<Record<Action, Refusal>>> = {
  provisioning: { publish: unready },
  active: {},
  past_due: {},
  suspended: { draft: unpaid, publish: unpaid },
  frozen: { ...everything(frozen), billing: undefined },
  offboarding: { read: unpaid, draft: unpaid, publish: unpaid },
  gone: { ...everything(gone), login: gone },
};

export function permit(tenant: TenantDoc, action: Action, role: Role): void {
  const refusal = REFUSED[tenant.status][action];
  if (refusal) throw new Problem(refusal.status, refusal.code);
  if (tenant.status === "frozen" && role !== "owner") throw new Problem(frozen.status, frozen.code);
}

const RANK: Record<Role, number> = { reader: 0, editor: 1, owner: 2 };

export function requireRole(role: Role, least: Role): void {
  if (!(RANK[role] >= RANK[least])) throw new Problem(403, "role_not_allowed", { least });
}

export function requireFeature(tenant: TenantDoc, feature: string): void {
  if (!tenant.features[feature]) throw new Problem(402, "feature_not_in_plan", { feature });
}

export function requireLimit(limit: string, current: number, max: number): void {
  if (current > max) throw new Problem(402, "limit_exceeded", { limit, current, max });
}

/** Visitors' side of the same table: null means the site is served. */
export type Closed = { status: 503 | 410 | 404; retryAfter?: number; page: "setup" | "paused" | "gone" | "unknown" };

const CLOSED: Record<Status, Closed | null> = {
  provisioning: { status: 503, retryAfter: 30, page: "setup" },
  active: null,
  past_due: null,
  suspended: { status: 503, retryAfter: 3600, page: "paused" },
  frozen: { status: 503, page: "paused" },
  offboarding: { status: 410, page: "gone" },
  gone: { status: 404, page: "unknown" },
};

export function closed(status: Status): Closed | null {
  return CLOSED[status];
}

const LIMITS = ["file_bytes", "site_bytes", "files", "releases", "form_per_day"] as const;

export function tenantDoc(value: Record<string, unknown>): TenantDoc {
  const known = ["v", "rev", "status", "epoch", "slug", "primary", "hosts", "features", "limits", "banner", "stripe_customer", "locale"];
  const extra = Object.keys(value).find((key) => !known.includes(key));
  if (extra) throw new Problem(400, "bad_document", { field: extra });
  const rules: [string, boolean][] = [
    ["v", value.v === 1],
    ["rev", Number.isSafeInteger(value.rev) && (value.rev as number) > 0],
    ["status", STATUSES.includes(value.status as Status)],
    ["epoch", Number.isSafeInteger(value.epoch) && (value.epoch as number) >= 0],
    ["slug", typeof value.slug === "string" && /^[a-z0-9-]{1,63}$/.test(value.slug)],
    ["primary", isHost(value.primary)],
    ["hosts", Array.isArray(value.hosts) && value.hosts.length <= 50 && value.hosts.every(isHost)],
    ["features", isRecord(value.features) && Object.values(value.features).every((on) => typeof on === "boolean")],
    ["limits", isRecord(value.limits) && LIMITS.every((name) => isCount((value.limits as Record<string, unknown>)[name]))],
    ["banner", value.banner === null || (typeof value.banner === "string" && value.banner.length <= 200)],
    [
      "stripe_customer",
      value.stripe_customer === null || (typeof value.stripe_customer === "string" && /^cus_\w{1,60}$/.test(value.stripe_customer)),
    ],
    ["locale", value.locale === "de" || value.locale === "en"],
  ];
  const broken = rules.find(([, holds]) => !holds);
  if (broken) throw new Problem(400, "bad_document", { field: broken[0] });
  return value as TenantDoc;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHost(value: unknown): boolean {
  return typeof value === "string" && /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(value);
}

export async function readTenant(routing: KVNamespace, tid: string): Promise<TenantDoc | null> {
  if (!TENANT.test(tid)) return null;
  return routing.get<TenantDoc>(`t:${tid}`, { type: "json", cacheTtl: 60 });
}
