import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  b64url,
  hex,
  hmac,
  hmacMatches,
  importSigningKey,
  sha256hex,
  signJwt,
  unb64,
  unhex,
  verifyJwt,
  type Jwk,
} from "../../src/shared/crypto.ts";
import { clientKey, readBody } from "../../src/shared/http.ts";
import { momentOf, previewGranted, signMoment, signPreview, visitorHash } from "../../src/shared/tokens.ts";
import { openValue, sealValue } from "../../src/mailer/sealed.ts";
import { test } from "./harness.ts";

const KEY = { alg: "Ed25519" } as const;

async function pair(kid: string): Promise<{ pkcs8: string; jwk: Jwk }> {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey(KEY.alg, true, ["sign", "verify"])) as CryptoKeyPair;
  const der = (await crypto.subtle.exportKey("pkcs8", privateKey)) as ArrayBuffer;
  const { x } = (await crypto.subtle.exportKey("jwk", publicKey)) as { x: string };
  return { pkcs8: `-----BEGIN PRIVATE KEY-----\n${b64url(der)}\n-----END PRIVATE KEY-----`, jwk: { kid, kty: "OKP", crv: "Ed25519", x } };
}

test("base64url and hex go both ways and refuse the rest", () => {
  for (const size of [0, 1, 2, 3, 31, 32, 33]) {
    const bytes = crypto.getRandomValues(new Uint8Array(size));
    deepEqual(unb64(b64url(bytes)), bytes);
    deepEqual(unhex(hex(bytes)), bytes);
  }
  for (const bad of ["a", "ab*d", "ä", "abcde"]) equal(unb64(bad), null, bad);
});

test("the hash and the signature of a known text", async () => {
  equal(await sha256hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  equal(
    hex(await hmac("key", "The quick brown fox jumps over the lazy dog")),
    "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
  );
  ok(await hmacMatches("k", "m", b64url(await hmac("k", "m"))));
  ok(!(await hmacMatches("k", "m2", b64url(await hmac("k", "m")))));
});

test("a signed token is read back, and not if one character changed", async () => {
  const { pkcs8, jwk } = await pair("k");
  const signer = await importSigningKey(pkcs8);
  const token = await signJwt(signer, { a: 1 });
  const keys = [{ ...jwk, kid: signer.kid }];
  deepEqual(await verifyJwt(token, keys), { a: 1 });
  for (let at = 0; at < token.length; at += 3) {
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    const read = await verifyJwt(changed, keys);
    ok(read === null || changed.slice(-2) !== token.slice(-2), `character ${at}`);
  }
  equal(await verifyJwt(token, [{ ...(await pair("x")).jwk, kid: signer.kid }]), null);
  equal(await verifyJwt(token, []), null);
});

test("a preview grant fits one tenant, one host, one hour and one purpose", async () => {
  const now = Date.now();
  const grant = { t: "t1", h: "h1", exp: now / 1000 + 60 };
  const token = await signPreview("key", grant);
  deepEqual(await previewGranted("key", token, "t1", "h1", now), grant);
  equal(await previewGranted("key", token, "t2", "h1", now), null);
  equal(await previewGranted("key", token, "t1", "h2", now), null);
  equal(await previewGranted("other", token, "t1", "h1", now), null);
  equal(await previewGranted("key", token, "t1", "h1", now + 61_000), null);
  const moment = await signMoment("key", "t1", now);
  equal(await momentOf("key", "t1", moment), now);
  equal(await momentOf("key", "t2", moment), null);
  equal(await momentOf("key", "t1", `${now + 1}.${moment.split(".")[1]}`), null);
});

test("a visitor is the same person today and nobody tomorrow", async () => {
  const day = 86_400_000;
  equal(await visitorHash("k", "192.0.2.1", 0), await visitorHash("k", "192.0.2.1", day - 1));
  ok((await visitorHash("k", "192.0.2.1", 0)) !== (await visitorHash("k", "192.0.2.1", day)));
  ok((await visitorHash("k", "192.0.2.1", 0)) !== (await visitorHash("k", "192.0.2.2", 0)));
});

test("a sealed value opens for its tenant and field only, under any living key", async () => {
  const key = (byte: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(byte)));
  const [old, both] = [
    JSON.stringify([{ kid: "a", key: key(1) }]),
    JSON.stringify([
      { kid: "b", key: key(2) },
      { kid: "a", key: key(1) },
    ]),
  ];
  const sealed = await sealValue(old, "t1", "key", "secret");
  equal(await openValue(both, "t1", "key", sealed), "secret");
  ok((await sealValue(both, "t1", "key", "secret")).startsWith("v1.b."));
  for (const [tid, field] of [
    ["t2", "key"],
    ["t1", "to"],
  ] as const)
    await rejects(openValue(both, tid, field, sealed));
  await rejects(openValue(JSON.stringify([{ kid: "b", key: key(2) }]), "t1", "key", sealed));
  await rejects(openValue(both, "t1", "key", sealed.slice(0, -2) + "AA"));
});

test("clients are told apart by address, or by network if the address is long", () => {
  const from = (ip: string) => clientKey(new Request("http://x/", { headers: { "cf-connecting-ip": ip } }));
  equal(from("192.0.2.1"), "192.0.2.1");
  equal(from("2001:db8:1:2:3:4:5:6"), from("2001:db8:1:2:ffff::1"));
  ok(from("2001:db8:1:2::1") !== from("2001:db8:1:3::1"));
  equal(from("2001:db8::1"), from("2001:0db8:0:0:9::9"));
});

test("a body is read up to its limit, whatever it claims to be", async () => {
  const request = (size: number, claimed?: string) =>
    new Request("http://x/", { method: "POST", body: new Uint8Array(size), headers: claimed ? { "content-length": claimed } : {} });
  equal((await readBody(request(10), 10)).length, 10);
  await rejects(readBody(request(11), 10), { code: "too_large" });
  await rejects(
    readBody(
      new Request("http://x/", { method: "POST", body: new Blob([new Uint8Array(5)]).stream(), headers: { "content-length": "99" } }),
      10,
    ),
    { code: "too_large" },
  );
});
