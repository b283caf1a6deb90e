import { unwrap } from "../../shared/errors.ts";
import { empty, json } from "../../shared/http.ts";
import type { OpsCall } from "./call.ts";

export async function configureMail({ env, tid, body }: OpsCall): Promise<Response> {
  unwrap(await env.MAILER_OPS.configure(tid, body));
  return empty();
}

export async function removeMail({ env, tid, body }: OpsCall): Promise<Response> {
  unwrap(await env.MAILER_OPS.remove(tid, body.rev));
  return empty();
}

export async function retryMail({ env, tid, body }: OpsCall): Promise<Response> {
  const { done, cursor, count } = unwrap(await env.MAILER_OPS.retry(tid, typeof body.cursor === "string" ? body.cursor : null));
  return json({ done, cursor, count });
}
