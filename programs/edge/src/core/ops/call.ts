import type { CoreEnv } from "../env.ts";

export type OpsCall = {
  env: CoreEnv;
  request: Request;
  url: URL;
  tid: string;
  params: string[];
  body: Record<string, unknown>;
};
export type OpsHandler = (call: OpsCall) => Promise<Response>;
