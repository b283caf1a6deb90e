import { unwrap } from "../../shared/errors.ts";
import { empty, json } from "../../shared/http.ts";
import type { Call } from "../call.ts";

export async function listInbox({ env, url, session }: Call): Promise<Response> {
  const { submissions, cursor } = unwrap(await env.CUSTOMER.inboxList(session.tid, url.searchParams.get("cursor")));
  return json({ submissions, cursor });
}

export async function deleteSubmission({ env, session, params }: Call): Promise<Response> {
  unwrap(await env.CUSTOMER.inboxDelete(session.tid, params[0]!));
  return empty();
}

export async function testMail({ env, session }: Call): Promise<Response> {
  const { mail_id: id } = unwrap(await env.MAILER.sendTest(session.tid));
  return json({ mail_id: id });
}
