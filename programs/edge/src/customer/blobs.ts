import { hex, sha256hex, unb64, unhex } from "../shared/crypto.ts";
import { Problem } from "../shared/errors.ts";
import { SHA, blobKey, home } from "../shared/keys.ts";
import { SNIFF_BYTES } from "../shared/mime.ts";
import { MAX_FILE_BYTES } from "../shared/site.ts";
import { inBatches, listAll, requireList } from "./documents.ts";

export type BlobFacts = { size: number; head: Uint8Array };
const MANY = 500;
const PARALLEL = 50;

/** Size and first bytes of those blobs that exist. One list costs less than hundreds of heads. */
export async function blobFacts(bucket: R2Bucket, tid: string, shas: string[]): Promise<Map<string, BlobFacts>> {
  const found = new Map<string, BlobFacts>();
  const note = (object: R2Object | null): void => {
    if (object) found.set(object.key.slice(-64), { size: object.size, head: unhex(object.customMetadata?.head ?? "") });
  };
  if (shas.length > MANY) {
    for await (const object of listAll(bucket, `${home(tid)}b/`)) note(object);
  } else {
    (await inBatches(shas, PARALLEL, (sha) => bucket.head(blobKey(tid, sha)))).forEach(note);
  }
  return found;
}

export async function missingBlobs(bucket: R2Bucket, tid: string, hashes: unknown): Promise<string[]> {
  const wanted = requireList(hashes, MANY, "too_many_hashes");
  if (!wanted.every((sha) => typeof sha === "string" && SHA.test(sha))) throw new Problem(400, "bad_hash");
  const found = await blobFacts(bucket, tid, wanted as string[]);
  return (wanted as string[]).filter((sha) => !found.has(sha));
}

/** Streams into R2, which verifies the hash itself; nothing is buffered but the first bytes, kept to know the type later. */
export async function putBlob(
  bucket: R2Bucket,
  tid: string,
  sha: string,
  length: number,
  body: ReadableStream<Uint8Array>,
): Promise<{ dedup: boolean; size: number }> {
  const key = blobKey(tid, sha);
  if (!Number.isSafeInteger(length) || length < 0 || length > MAX_FILE_BYTES) throw new Problem(413, "too_large", { max: MAX_FILE_BYTES });
  const stored = await bucket.head(key);
  if (stored) {
    await body.cancel();
    return { dedup: true, size: stored.size };
  }
  const { head, stream } = await peek(body, length);
  await store(bucket, key, sha, head, stream);
  return { dedup: false, size: length };
}

/** Small ones, base64 in one document; each is named by what it is. */
export async function putBlobs(bucket: R2Bucket, tid: string, contents: unknown): Promise<string[]> {
  const given = requireList(contents, PARALLEL, "too_many_blobs");
  const blobs = given.map((content) => (typeof content === "string" ? unb64(content) : null));
  if (!blobs.every((blob) => blob !== null)) throw new Problem(400, "bad_content");
  return Promise.all(blobs.map((blob) => putSmall(bucket, tid, blob)));
}

async function putSmall(bucket: R2Bucket, tid: string, blob: Uint8Array): Promise<string> {
  const sha = await sha256hex(blob);
  await bucket.put(blobKey(tid, sha), blob, { sha256: sha, customMetadata: { head: hex(blob.subarray(0, SNIFF_BYTES)) } });
  return sha;
}

async function store(bucket: R2Bucket, key: string, sha: string, head: Uint8Array, stream: Peeked["stream"]): Promise<void> {
  const pumped = stream.pump().catch((error: unknown) => error ?? new Error("upload broke"));
  try {
    await bucket.put(key, stream.readable, { sha256: sha, customMetadata: { head: hex(head) } });
  } catch {
    const broken = await pumped;
    throw broken ? new Problem(400, "length_mismatch") : new Problem(422, "hash_mismatch");
  }
  await pumped;
}

type Peeked = { head: Uint8Array; stream: { readable: ReadableStream; pump: () => Promise<void> } };

async function peek(body: ReadableStream<Uint8Array>, length: number): Promise<Peeked> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < Math.min(SNIFF_BYTES, length);) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
  }
  reader.releaseLock();
  const head = new Uint8Array(chunks.flatMap((chunk) => Array.from(chunk.subarray(0, SNIFF_BYTES)))).subarray(0, SNIFF_BYTES);
  const fixed = new FixedLengthStream(length);
  return { head, stream: { readable: fixed.readable, pump: () => replay(chunks, body, fixed.writable) } };
}

async function replay(chunks: Uint8Array[], rest: ReadableStream<Uint8Array>, sink: WritableStream<Uint8Array>): Promise<void> {
  const writer = sink.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  writer.releaseLock();
  await rest.pipeTo(sink);
}
