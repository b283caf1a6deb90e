import type { Incoming } from "../shared/submission.ts";
import type { Result } from "../shared/errors.ts";

export type FormsService = { submit(incoming: Incoming): Promise<Result<{ id: string }>> };
export type DomainEnv = {
  SITES: R2Bucket;
  ROUTING: KVNamespace;
  FORMS: FormsService;
  PREVIEW_KEY: string;
  RL_FORM_IP: RateLimit;
  RL_FORM_TENANT: RateLimit;
  SITES_ZONE: string;
  PUBLIC_SCHEME: string;
  PUBLIC_PORT: string;
  EDGE_CACHE: string;
  MEMO_MS: string;
};
