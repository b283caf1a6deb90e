/** The only Worker that sends mail. Domain reaches `FormsEntrypoint` and nothing else of it. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { answer } from "../shared/errors.ts";
import type { Incoming } from "../shared/submission.ts";
import type { MailerEnv } from "./env.ts";
import { configure, removeSettings } from "./settings.ts";
import { retry, sendTest, submit } from "./submissions.ts";

const nothingHere = (): Response => new Response("Not found", { status: 404 });

export default class Mailer extends WorkerEntrypoint<MailerEnv> {
  fetch() {
    return nothingHere();
  }
  sendTest(tid: string) {
    return answer(async () => ({ mail_id: await sendTest(this.env, tid) }));
  }
}

export class FormsEntrypoint extends WorkerEntrypoint<MailerEnv> {
  fetch() {
    return nothingHere();
  }
  submit(incoming: Incoming) {
    return answer(async () => ({ id: await submit(this.env, incoming) }));
  }
}

export class OpsEntrypoint extends WorkerEntrypoint<MailerEnv> {
  fetch() {
    return nothingHere();
  }
  configure(tid: string, doc: unknown) {
    return answer(async () => {
      await configure(this.env, tid, doc);
      return {};
    });
  }
  remove(tid: string, rev: unknown) {
    return answer(async () => {
      await removeSettings(this.env, tid, rev);
      return {};
    });
  }
  retry(tid: string, cursor: string | null) {
    return answer(() => retry(this.env, tid, cursor));
  }
  ready() {
    return answer(async () => {
      await this.env.MAIL.get("ready");
      return {};
    });
  }
}
