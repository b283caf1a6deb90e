import type { WorkerEntrypoint } from "cloudflare:workers";
import type Billing from "../billing/index.ts";
import type Customer from "../customer/index.ts";
import type { OpsEntrypoint as CustomerOps } from "../customer/index.ts";
import type Mailer from "../mailer/index.ts";
import type { OpsEntrypoint as MailerOps } from "../mailer/index.ts";

type Remote<T> = Omit<T, keyof WorkerEntrypoint>;

export type CoreEnv = {
  CUSTOMER: Remote<Customer>;
  CUSTOMER_OPS: Remote<CustomerOps>;
  BILLING: Remote<Billing>;
  MAILER: Remote<Mailer>;
  MAILER_OPS: Remote<MailerOps>;
  ROUTING: KVNamespace;
  SESSIONS: KVNamespace;
  SESSION_KEYS: string;
  PREVIEW_KEY: string;
  ASSERTION_KEY: string;
  CONTROL_URL: string;
  ENVIRONMENT: string;
  OPS_HOST: string;
  OPS_JWKS: string;
  PORTAL_ORIGINS: string;
  SITES_ZONE: string;
  PUBLIC_SCHEME: string;
  PUBLIC_PORT: string;
  RL_LOGIN: RateLimit;
  RL_API: RateLimit;
  RL_UPLOAD: RateLimit;
  RL_OPS: RateLimit;
  VERSION: WorkerVersionMetadata;
};

export function portalOrigins(env: CoreEnv): string[] {
  return JSON.parse(env.PORTAL_ORIGINS) as string[];
}

/** The origin as configured: what the request says of scheme and port is not taken for it. */
export function portalOrigin(env: CoreEnv, url: URL): string | undefined {
  return portalOrigins(env).find((origin) => new URL(origin).hostname === url.hostname);
}

export function siteUrl(env: CoreEnv, host: string, path = "/"): string {
  return `${env.PUBLIC_SCHEME}://${host}${env.PUBLIC_PORT ? `:${env.PUBLIC_PORT}` : ""}${path}`;
}
