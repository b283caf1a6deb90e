const text = new TextEncoder();

export function b64url(bytes: ArrayBuffer | Uint8Array): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Decodes base64 and base64url; null for anything that is neither. */
export function unb64(value: string): Uint8Array | null {
  const plain = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
}

export function hex(bytes: ArrayBuffer | Uint8Array): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(value: string): Uint8Array {
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export async function sha256(data: string | Uint8Array | ArrayBuffer): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? text.encode(data) : data));
}

export async function sha256hex(data: string | Uint8Array): Promise<string> {
  return hex(await sha256(data));
}

export function randomId(bytes = 32): string {
  return b64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Compares digests, so neither content nor length of a secret shows in the time taken. */
export async function sameText(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(left), sha256(right)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

export async function hmac(key: string | Uint8Array, message: string): Promise<Uint8Array> {
  const raw = typeof key === "string" ? text.encode(key) : key;
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, text.encode(message)));
}

export async function hmacMatches(key: string | Uint8Array, message: string, signature: string): Promise<boolean> {
  return sameText(b64url(await hmac(key, message)), signature);
}

export type SigningKey = { kid: string; key: CryptoKey };
export type Jwk = { kid: string; kty: string; crv: string; x: string };
export type Claims = Record<string, unknown>;

/** The key id is the RFC 7638 thumbprint of the public half: nothing to configure, nothing to mix up. */
export async function importSigningKey(pkcs8: string): Promise<SigningKey> {
  const der = unb64(pkcs8.replace(/-----[A-Z ]+-----|\s/g, ""));
  if (!der) throw new Error("assertion key is not base64");
  const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const { x } = (await crypto.subtle.exportKey("jwk", key)) as { x: string };
  return { kid: b64url(await sha256(JSON.stringify({ crv: "Ed25519", kty: "OKP", x }))), key };
}

export async function signJwt(signer: SigningKey, claims: Claims): Promise<string> {
  const header = b64url(text.encode(JSON.stringify({ alg: "EdDSA", typ: "JWT", kid: signer.kid })));
  const signed = `${header}.${b64url(text.encode(JSON.stringify(claims)))}`;
  return `${signed}.${b64url(await crypto.subtle.sign("Ed25519", signer.key, text.encode(signed)))}`;
}

/** Signature and algorithm only; what the claims must say is the caller's business. */
export async function verifyJwt(token: string, keys: Jwk[]): Promise<Claims | null> {
  const [head = "", body = "", signature = "", ...rest] = token.split(".");
  const header = decodePart(head);
  const jwk = keys.find((key) => key.kid === header?.kid);
  const proof = unb64(signature);
  if (rest.length || header?.alg !== "EdDSA" || !jwk || proof?.length !== 64) return null;
  const { kty, crv, x } = jwk;
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
  const genuine = await crypto.subtle.verify("Ed25519", key, proof, text.encode(`${head}.${body}`));
  return genuine ? decodePart(body) : null;
}

function decodePart(part: string): Claims | null {
  const bytes = unb64(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? (value as Claims) : null;
  } catch {
    return null;
  }
}
