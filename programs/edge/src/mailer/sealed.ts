/** What lies in KV is useless without the key of this Worker, and a value moved to another tenant does not open. */
import { b64url, unb64 } from "../shared/crypto.ts";

type Kek = { kid: string; key: string };
const text = new TextEncoder();

function ring(json: string): Kek[] {
  return JSON.parse(json) as Kek[];
}

async function aes(kek: Kek): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", unb64(kek.key)!, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const bound = (iv: Uint8Array, tid: string, field: string) => ({ name: "AES-GCM", iv, additionalData: text.encode(`${tid}|${field}`) });

export async function sealValue(keks: string, tid: string, field: string, value: string): Promise<string> {
  const kek = ring(keks)[0]!;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(bound(iv, tid, field), await aes(kek), text.encode(value));
  return `v1.${kek.kid}.${b64url(iv)}.${b64url(sealed)}`;
}

export async function openValue(keks: string, tid: string, field: string, sealed: string): Promise<string> {
  const [version, kid, iv = "", ciphertext = ""] = sealed.split(".");
  const kek = ring(keks).find((candidate) => candidate.kid === kid);
  if (version !== "v1" || !kek) throw new Error("sealed under an unknown key");
  const opened = await crypto.subtle.decrypt(bound(unb64(iv)!, tid, field), await aes(kek), unb64(ciphertext)!);
  return new TextDecoder().decode(opened);
}
