import { isRecord } from "../shared/http.ts";
import type { MailerEnv } from "./env.ts";
import type { Mail } from "./message.ts";

const TIMEOUT_MS = 8000;
export type Sent = { id: string | null; status: number };

/** The same key twice is one mail at Resend, so a repeat after a lost answer is harmless. */
export async function sendMail(env: MailerEnv, key: string, mail: Mail, idempotency: string): Promise<Sent> {
  try {
    const response = await fetch(`${env.RESEND_API_URL}/emails`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "idempotency-key": idempotency },
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
