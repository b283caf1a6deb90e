/** Stored first, sent second: a message is never lost because a mail was not accepted. */
import { sha256hex } from "../shared/crypto.ts";
import { readTenant } from "../shared/entitlements.ts";
import { Problem } from "../shared/errors.ts";
import { home, inboxKey } from "../shared/keys.ts";
import type { Incoming, Submission } from "../shared/submission.ts";
import type { MailerEnv } from "./env.ts";
import { compose, senderOf } from "./message.ts";
import { sendMail } from "./resend.ts";
import { readSettings } from "./settings.ts";

const RETRY_PAGE = 100;

export async function submit(env: MailerEnv, incoming: Incoming): Promise<string> {
  const { tid, host, form, fields, ipHash, ua, nonce } = incoming;
  const at = new Date().toISOString();
  const mark = (await sha256hex(JSON.stringify([tid, form, nonce]))).slice(0, 12);
  const id = `${at.slice(0, 23).replace(/[-:.]/g, "")}-${mark}`;
  const submission: Submission = { v: 1, id, at, host, form, fields, ip_hash: ipHash, ua, sent: false, mail_id: null };
  await store(env, tid, submission);
  await deliver(env, tid, submission);
  return id;
}

async function store(env: MailerEnv, tid: string, submission: Submission): Promise<void> {
  await env.INBOX.put(inboxKey(tid, submission.id), JSON.stringify(submission), {
    httpMetadata: { contentType: "application/json" },
    customMetadata: { sent: submission.sent ? "1" : "0" },
  });
}

async function deliver(env: MailerEnv, tid: string, submission: Submission): Promise<boolean> {
  const settings = await readSettings(env, tid);
  if (!settings?.to.length) return false;
  const locale = (await readTenant(env.ROUTING, tid))?.locale ?? "de";
  const sender = senderOf(env, settings);
  const idempotency = await sha256hex(JSON.stringify([tid, submission.form, submission.id.slice(-12)]));
  const { id, status } = await sendMail(env, sender.key, compose(submission, settings, sender, locale), idempotency);
  if (id === null) {
    console.error(JSON.stringify({ level: "warn", event: "form_mail_failed", tenant: tid, submission: submission.id, status }));
    return false;
  }
  await store(env, tid, { ...submission, sent: true, mail_id: id });
  return true;
}

export type Progress = { done: boolean; cursor: string | null; count: number };

export async function retry(env: MailerEnv, tid: string, cursor: string | null): Promise<Progress> {
  const options = { prefix: home(tid), limit: RETRY_PAGE, cursor: cursor ?? undefined, include: ["customMetadata"] };
  const page = await env.INBOX.list(options as R2ListOptions);
  let count = 0;
  for (const object of page.objects.filter((candidate) => candidate.customMetadata?.sent !== "1")) {
    const submission = await (await env.INBOX.get(object.key))?.json<Submission>();
    if (submission && !submission.sent && (await deliver(env, tid, submission))) count += 1;
  }
  return { done: !page.truncated, cursor: page.truncated ? page.cursor : null, count };
}

export async function sendTest(env: MailerEnv, tid: string): Promise<string> {
  const settings = await readSettings(env, tid);
  if (!settings?.to.length) throw new Problem(409, "no_recipients");
  const at = new Date().toISOString();
  const sender = senderOf(env, settings);
  const fields = { Test: "Diese Nachricht prüft den Versand. This message checks that sending works." };
  const submission: Submission = {
    v: 1,
    id: "test",
    at,
    host: "studio",
    form: "test",
    fields,
    ip_hash: "",
    ua: "",
    sent: false,
    mail_id: null,
  };
  const mail = compose(submission, settings, sender, (await readTenant(env.ROUTING, tid))?.locale ?? "de");
  const { id } = await sendMail(env, sender.key, mail, await sha256hex(`${tid}|test|${at.slice(0, 16)}`));
  if (id === null) throw new Problem(502, "mail_unavailable");
  return id;
}
