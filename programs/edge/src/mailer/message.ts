/** The one mail a form sends: plain text, recipients from the settings, nothing of the visitor in a header but a reply address. */
import type { Submission } from "../shared/submission.ts";
import type { MailerEnv } from "./env.ts";
import { isAddress, type MailSettings } from "./settings.ts";

export type Mail = { from: string; to: string[]; subject: string; text: string; reply_to?: string };
export type Sender = { key: string; from: string; own: boolean };

/** The tenant's sender only with the tenant's key, and only once their domain is verified. */
export function senderOf(env: MailerEnv, settings: MailSettings): Sender {
  const own = settings.mode === "own" && settings.domain_status === "verified" && settings.key && settings.from;
  return own
    ? { key: settings.key!, from: settings.from!, own: true }
    : { key: env.RESEND_PLATFORM_KEY, from: env.PLATFORM_FROM, own: false };
}

export function compose(submission: Submission, settings: MailSettings, sender: Sender, locale: "de" | "en"): Mail {
  const reply = replyAddress(submission, settings);
  const mail = { from: sender.from, to: settings.to, subject: oneLine(subject(submission, locale)), text: body(submission, locale) };
  return reply ? { ...mail, reply_to: reply } : mail;
}

function replyAddress({ fields }: Submission, settings: MailSettings): string | null {
  const written = Object.entries(fields)
    .find(([name]) => /^(e-?mail|reply[_-]?to)$/i.test(name))?.[1]
    ?.trim();
  return isAddress(written) ? written : settings.reply_to;
}

function subject({ form, host }: Submission, locale: "de" | "en"): string {
  return locale === "de" ? `Neue Nachricht über ${host} (${form})` : `New message from ${host} (${form})`;
}

function body({ fields, at, host, id }: Submission, locale: "de" | "en"): string {
  const lines = Object.entries(fields).map(([name, value]) => `${oneLine(name)}:\n${value.replace(/\r\n?/g, "\n")}\n`);
  const [when, from] = locale === "de" ? ["Eingegangen", "Über"] : ["Received", "Through"];
  return `${lines.join("\n")}\n--\n${when}: ${at}\n${from}: ${host}\n${id}\n`;
}

export function oneLine(value: string): string {
  return value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, 200);
}
