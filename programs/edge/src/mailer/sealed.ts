/** What lies in KV is useless without the key of this Worker, and a value moved to another tenant does not open. */
import { decrypt, encrypt } from "../shared/aes.ts";
import { unb64 } from "../shared/crypto.ts";

type Kek = { kid: string; key: string };

function ring(json: string): Kek[] {
  return JSON.parse(json) as Kek[];
}

export async function sealValue(keks: string, tid: string, field: string, value: string): Promise<string> {
  const kek = ring(keks)[0]!;
  return `v1.${kek.kid}.${await encrypt(unb64(kek.key)!, `${tid}|${field}`, value)}`;
}

export async function openValue(keks: string, tid: string, field: string, sealed: string): Promise<string> {
  const [version, kid, ...rest] = sealed.split(".");
  const kek = ring(keks).find((candidate) => candidate.kid === kid);
  if (version !== "v1" || !kek) throw new Error("sealed under an unknown key");
  return decrypt(unb64(kek.key)!, `${tid}|${field}`, rest.join("."));
}
