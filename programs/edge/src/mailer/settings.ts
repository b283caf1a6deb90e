/** Per tenant: which sender, which recipients. Written by the control plane, never backwards, never by a form. */
import { Problem } from "../shared/errors.ts";
import { isRecord } from "../shared/http.ts";
import { TENANT } from "../shared/keys.ts";
import type { MailerEnv } from "./env.ts";
import { openValue, sealValue } from "./sealed.ts";

const MAX_RECIPIENTS = 5;
const FIELDS = ["rev", "mode", "from", "reply_to", "to", "api_key", "domain_status"];

type Stored = {
  v: 1;
  rev: number;
  mode: "own" | "platform";
  from: string | null;
  reply_to: string | null;
  domain_status: string;
  key: string | null;
  to: string;
};
export type MailSettings = Omit<Stored, "key" | "to"> & { key: string | null; to: string[] };

export async function configure(env: MailerEnv, tid: string, doc: unknown): Promise<void> {
  const wanted = validate(tid, doc);
  const before = await env.MAIL.get<Stored>(`m:${tid}`, "json");
  if (before && before.rev > wanted.rev) throw new Problem(409, "stale_revision", { rev: before.rev });
  // Without a new key the stored one stays: the control plane does not have to keep it to change a recipient.
  const key = wanted.key === null ? (before?.key ?? null) : await sealValue(env.MAIL_KEK, tid, "key", wanted.key);
  if (wanted.mode === "own" && !key) throw bad("api_key");
  const to = await sealValue(env.MAIL_KEK, tid, "to", JSON.stringify(wanted.to));
  const stored: Stored = { ...wanted, key: wanted.mode === "own" ? key : null, to };
  await env.MAIL.put(`m:${tid}`, JSON.stringify(stored));
}

export async function removeSettings(env: MailerEnv, tid: string, rev: unknown): Promise<void> {
  const before = await env.MAIL.get<Stored>(`m:${tid}`, "json");
  if (before && before.rev > Number(rev)) throw new Problem(409, "stale_revision", { rev: before.rev });
  await env.MAIL.delete(`m:${tid}`);
}

export async function readSettings(env: MailerEnv, tid: string): Promise<MailSettings | null> {
  const stored = await env.MAIL.get<Stored>(`m:${tid}`, { type: "json", cacheTtl: 60 });
  if (!stored) return null;
  const key = stored.key && (await openValue(env.MAIL_KEK, tid, "key", stored.key));
  const to = JSON.parse(await openValue(env.MAIL_KEK, tid, "to", stored.to)) as string[];
  return { ...stored, key, to };
}

function validate(tid: string, doc: unknown): MailSettings {
  if (!TENANT.test(tid)) throw new Problem(400, "bad_tenant");
  if (!isRecord(doc) || Object.keys(doc).some((name) => !FIELDS.includes(name))) throw bad("document");
  const { rev, mode, from = null, reply_to = null, to, api_key = null, domain_status = "none" } = doc;
  if (!Number.isSafeInteger(rev)) throw bad("rev");
  if (mode !== "own" && mode !== "platform") throw bad("mode");
  if (from !== null && !isSender(from)) throw bad("from");
  if (mode === "own" && from === null) throw bad("from");
  if (reply_to !== null && !isAddress(reply_to)) throw bad("reply_to");
  if (!Array.isArray(to) || to.length > MAX_RECIPIENTS || !to.every(isAddress)) throw bad("to");
  if (api_key !== null && !/^re_[\w-]{8,100}$/.test(String(api_key))) throw bad("api_key");
  return { v: 1, rev, mode, from, reply_to, to, key: api_key, domain_status: String(domain_status).slice(0, 40) } as MailSettings;
}

const ADDRESS = '[^\\s@<>",;:\\\\]{1,64}@[a-z0-9-]+(\\.[a-z0-9-]+)+';

export function isAddress(value: unknown): value is string {
  return typeof value === "string" && value.length <= 254 && new RegExp(`^${ADDRESS}$`, "i").test(value);
}

function isSender(value: unknown): value is string {
  return isAddress(value) || (typeof value === "string" && new RegExp(`^[^\\p{Cc}<>"@]{1,80} <${ADDRESS}>$`, "iu").test(value));
}

function bad(field: string): Problem {
  return new Problem(400, "bad_document", { field });
}
