import { strict as assert } from "node:assert";
import { sha } from "./keys.ts";
import { ZONE, type World } from "./world.ts";

export type Doc = Record<string, unknown> & { rev: number; slug: string };

export const LIMITS = { file_bytes: 1 << 20, site_bytes: 8 << 20, files: 50, releases: 3, form_per_day: 200 };
const FEATURES = { own_domain: true, forms: true, spa: true, preview: true, mail_own: true };

export const tid = (letter: string): string => letter.repeat(26);

export function doc(slug: string, own: Record<string, unknown> = {}): Doc {
  const host = `${slug}.${ZONE}`;
  return {
    v: 1,
    rev: 1,
    status: "active",
    epoch: 1,
    slug,
    primary: host,
    hosts: [host],
    features: FEATURES,
    limits: LIMITS,
    banner: null,
    stripe_customer: "cus_test1",
    locale: "de",
    ...own,
  };
}

let rev = 100;

/** Sets the tenant's document with a newer revision each time. */
export async function setTenant(world: World, id: string, slug: string, own: Record<string, unknown> = {}): Promise<void> {
  const answer = await world.ops("PUT", `/ops/v1/tenants/${id}`, doc(slug, { rev: (rev += 1), ...own }));
  assert.equal(answer.status, 200, answer.text);
}

export async function addTenant(world: World, id: string, slug: string, own: Record<string, unknown> = {}): Promise<string> {
  const host = `${slug}.${ZONE}`;
  await setTenant(world, id, slug, own);
  await world.setHost(host, { t: id, kind: "sub" });
  await world.setHost(`${slug}--preview.${ZONE}`, { t: id, kind: "preview" });
  return host;
}

export type Files = Record<string, string | Buffer>;

export async function upload(world: World, id: string, files: Files): Promise<Record<string, string>> {
  const named: Record<string, string> = {};
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const answer = await world.ops("PUT", `/ops/v1/tenants/${id}/blobs/${sha(bytes)}`, bytes);
    assert.ok([200, 201].includes(answer.status), answer.text);
    named[path] = sha(bytes);
  }
  return named;
}

export async function publish(
  world: World,
  id: string,
  files: Files,
  extra: Record<string, unknown> = {},
): Promise<{ release: string; n: number }> {
  const answer = await world.ops("POST", `/ops/v1/tenants/${id}/publish`, { files: await upload(world, id, files), ...extra });
  assert.ok([200, 201].includes(answer.status), answer.text);
  return answer.json;
}
