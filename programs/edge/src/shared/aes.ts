/** AES-256-GCM over text. The bound words are authenticated too: a value opens only where it was meant to lie. */
import { b64url, unb64 } from "./crypto.ts";

const text = new TextEncoder();

const importKey = (raw: Uint8Array): Promise<CryptoKey> => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
const parameters = (iv: Uint8Array, bound: string) => ({ name: "AES-GCM", iv, additionalData: text.encode(bound) });

export async function encrypt(raw: Uint8Array, bound: string, value: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(parameters(iv, bound), await importKey(raw), text.encode(value));
  return `${b64url(iv)}.${b64url(sealed)}`;
}

/** Throws if key, bound words or content are not what they were. */
export async function decrypt(raw: Uint8Array, bound: string, sealed: string): Promise<string> {
  const [iv = "", ciphertext = ""] = sealed.split(".");
  const opened = await crypto.subtle.decrypt(parameters(unb64(iv)!, bound), await importKey(raw), unb64(ciphertext)!);
  return new TextDecoder().decode(opened);
}
