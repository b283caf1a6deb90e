import { home, inboxKey } from "../shared/keys.ts";
import { Problem } from "../shared/errors.ts";
import { listAll } from "./documents.ts";
import type { Submission } from "../shared/submission.ts";

const PAGE = 25;
export type InboxPage = { submissions: Submission[]; cursor: string | null };

/** Newest first: the days that have something, walked backwards; the cursor is the last id seen. */
export async function listInbox(bucket: R2Bucket, tid: string, cursor: string | null): Promise<InboxPage> {
  const upto = cursor ? inboxKey(tid, cursor) : "~";
  const days = (await bucket.list({ prefix: home(tid), delimiter: "/" })).delimitedPrefixes.sort().reverse();
  const keys: string[] = [];
  for (const day of days) {
    if (keys.length > PAGE) break;
    if (day > upto) continue;
    const found: string[] = [];
    for await (const object of listAll(bucket, day)) if (object.key < upto) found.push(object.key);
    keys.push(...found.sort().reverse());
  }
  const submissions = await Promise.all(keys.slice(0, PAGE).map((key) => readSubmission(bucket, key)));
  const found = submissions.filter((submission) => submission !== null);
  return { submissions: found, cursor: keys.length > PAGE ? (found.at(-1)?.id ?? null) : null };
}

async function readSubmission(bucket: R2Bucket, key: string): Promise<Submission | null> {
  return (await bucket.get(key))?.json<Submission>() ?? null;
}

export async function deleteSubmission(bucket: R2Bucket, tid: string, id: string): Promise<void> {
  const key = inboxKey(tid, id);
  if (!(await bucket.head(key))) throw new Problem(404, "no_such_submission");
  await bucket.delete(key);
}
