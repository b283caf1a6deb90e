import { isRecord } from "../shared/http.ts";
import type { MailerEnv } from "./env.ts";
import type { Mail } from "./message.ts";

const TIMEOUT_MS = 8000;
const PAUSES_MS = [600, 1500];
const AGENT = "smartpages-mailer"; // a Worker sends none of its own, and Resend refuses requests without one
export type Sent = { id: string | null; status: number };

/** All keys of the team share a few requests a second: who meets the limit waits a moment. What fails is sent later. */
export async function sendMail(env: MailerEnv, key: string, mail: Mail, idempotency: string): Promise<Sent> {
  let sent = await attempt(env, key, mail, idempotency);
  for (const pause of PAUSES_MS) {
    if (sent.status !== 429) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    sent = await attempt(env, key, mail, idempotency);
  }
  return sent;
}

/** The same key twice is one mail at Resend, so a repeat after a lost answer is harmless. */
async function attempt(env: MailerEnv, key: string, mail: Mail, idempotency: string): Promise<Sent> {
  try {
    const response = await fetch(`${env.RESEND_API_URL}/emails`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "idempotency-key": idempotency,
        "user-agent": AGENT,
      },
      body: JSON.stringify(mail),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer: unknown = await response.json().catch(() => null);
    return { id: response.ok && isRecord(answer) && typeof answer.id === "string" ? answer.id : null, status: response.status };
  } catch {
    return { id: null, status: 0 };
  }
}
