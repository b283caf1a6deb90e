import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from "node:crypto";

export const b64url = (data: Buffer | string): string => Buffer.from(data).toString("base64url");
export const sha256 = (data: Buffer | string): Buffer => createHash("sha256").update(data).digest();
export const sha = (data: Buffer | string): string => sha256(data).toString("hex");

function ed25519(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const pkcs8 = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return { kid, privateKey, publicKey, pkcs8, jwk: { kid, kty: "OKP", crv: "Ed25519", x: x! } };
}

export const opsKey = ed25519("ops-1");
export const strangerKey = ed25519("ops-1");
export const sessionAssertionKey = ed25519("core");

export function jwt(key: KeyObject, kid: string, claims: object, header: object = {}): string {
  const head = b64url(JSON.stringify({ alg: "EdDSA", typ: "JWT", kid, ...header }));
  const signed = `${head}.${b64url(JSON.stringify(claims))}`;
  return `${signed}.${b64url(sign(null, Buffer.from(signed), key))}`;
}

export type OpsClaims = {
  m: string;
  p: string;
  body: Buffer;
  sub: string;
  env: string;
  aud: string;
  iss: string;
  iat: number;
  exp: number;
  bh: string;
  key: KeyObject;
  kid: string;
};

export function opsToken(wanted: Partial<OpsClaims> & { m: string; p: string; body: Buffer }): string {
  const { body, key = opsKey.privateKey, kid = "ops-1", ...rest } = wanted;
  const now = Math.floor(Date.now() / 1000);
  const sub = /^\/ops\/v1\/tenants\/([^/?]+)/.exec(wanted.p)?.[1] ?? "*";
  const claims = {
    iss: "control-plane",
    aud: "edge-ops",
    env: "test",
    sub,
    bh: b64url(sha256(body)),
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...rest,
  };
  return jwt(key, kid, claims);
}

export function readJwt(token: string): { header: any; claims: any } {
  const [head, body] = token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header: head, claims: body };
}
