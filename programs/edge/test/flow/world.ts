/** All five Workers on the real runtime, as bindings.json declares them, with the outside world played by small servers. */
import { readFile } from "node:fs/promises";
import { Miniflare, type WorkerOptions } from "miniflare";
import { workers } from "../../build.mjs";
import { http, type Answer, type Asked } from "./http.ts";
import { opsKey, opsToken, sessionAssertionKey, type OpsClaims } from "./keys.ts";
import { Outside } from "./outside.ts";

type Binding = { name: string; type: string; ref?: string; entrypoint?: string; limit?: number; period?: number };
type Declared = { compatibility_date: string; workers: Record<string, Binding[]> };

export const PORTAL = "portal.localhost";
export const OPS = "ops.localhost";
export const ZONE = "localhost";
const declared = JSON.parse(await readFile(new URL("../../bindings.json", import.meta.url), "utf8")) as Declared;
const kek = Buffer.alloc(32, 7).toString("base64");

function texts(control: string, stripe: string, resend: string, own: Record<string, string>): Record<string, string> {
  return {
    environment: "test",
    control_url: control,
    ops_host: OPS,
    ops_jwks: JSON.stringify({ keys: [opsKey.jwk] }),
    portal_origins: JSON.stringify([`http://${PORTAL}`]),
    sites_zone: ZONE,
    public_scheme: "http",
    public_port: "",
    edge_cache: "1",
    memo_ms: "0",
    stripe_api_url: stripe,
    stripe_version: "2026-06-24",
    stripe_key: "rk_test_edge",
    stripe_link_hosts: JSON.stringify(["billing.stripe.com"]),
    resend_api_url: resend,
    platform_from: "Sites <post@mail.example>",
    resend_platform_key: "re_platform_0001",
    mail_kek: JSON.stringify([{ kid: "k1", key: kek }]),
    session_keys: JSON.stringify([
      { kid: "s2", key: "second-session-key" },
      { kid: "s1", key: "first-session-key" },
    ]),
    preview_key: "preview-key",
    assertion_key: sessionAssertionKey.pkcs8,
    ...own,
  };
}

function options(name: string, code: string, values: Record<string, string>, port: number): WorkerOptions {
  const of = (type: string): Binding[] => declared.workers[name]!.filter((binding) => binding.type === type);
  const record = <T>(list: Binding[], value: (binding: Binding) => T): Record<string, T> =>
    Object.fromEntries(list.map((binding) => [binding.name, value(binding)]));
  return {
    name,
    modules: [{ type: "ESModule", path: "index.mjs", contents: code }],
    compatibilityDate: declared.compatibility_date,
    bindings: {
      ...record([...of("plain_text"), ...of("secret_text")], (binding) => values[binding.ref!]!),
      ...versions(of("version_metadata")),
    },
    kvNamespaces: record(of("kv_namespace"), (binding) => binding.ref!),
    r2Buckets: record(of("r2_bucket"), (binding) => binding.ref!),
    serviceBindings: record(of("service"), (binding) =>
      binding.entrypoint ? { name: binding.ref!, entrypoint: binding.entrypoint } : binding.ref!,
    ),
    ratelimits: record(of("ratelimit"), (binding) => ({
      namespace_id: binding.ref!,
      simple: { limit: binding.limit!, period: binding.period as 10 | 60 },
    })),
    unsafeDirectSockets: ["core", "domain"].includes(name) ? [{ host: "127.0.0.1", port }] : [],
  } as WorkerOptions;
}

function versions(list: Binding[]): Record<string, { id: string }> {
  return Object.fromEntries(list.map((binding) => [binding.name, { id: "test" }]));
}

export class World {
  outside: Outside;
  #runtime: Miniflare;
  #ports: Record<string, number> = {};

  private constructor(outside: Outside, runtime: Miniflare) {
    this.outside = outside;
    this.#runtime = runtime;
  }

  /** `ports` fixes where the public Workers listen, as a browser's origins need; `folder` keeps the stores over a restart. */
  static async start(own: Record<string, string> = {}, ports: Record<string, number> = {}, folder?: string): Promise<World> {
    const outside = await Outside.start();
    const values = texts(outside.url("control"), outside.url("stripe"), outside.url("resend"), own);
    const built = (await workers()) as Record<string, string>;
    const all = Object.keys(declared.workers).map((name) => options(name, built[`${name}.mjs`]!, values, ports[name] ?? 0));
    const runtime = new Miniflare({ workers: all, host: "127.0.0.1", port: 0, cf: false, handleRuntimeStdio: quiet, ...kept(folder) });
    const world = new World(outside, runtime);
    for (const name of ["core", "domain"]) world.#ports[name] = Number((await runtime.unsafeGetDirectURL(name)).port);
    return world;
  }

  async stop(): Promise<void> {
    await this.#runtime.dispose();
    await this.outside.stop();
  }

  /** A visitor: any host, answered by the Domain Worker. */
  visit(host: string, path: string, asked: Asked = {}): Promise<Answer> {
    return http(this.#ports.domain!, host, path, asked);
  }

  /** The gateway: the portal's host unless another is named. */
  portal(path: string, asked: Asked = {}, host = PORTAL): Promise<Answer> {
    return http(this.#ports.core!, host, path, asked);
  }

  port(worker: "core" | "domain"): number {
    return this.#ports[worker]!;
  }

  async ops(method: string, path: string, body?: unknown, claims: Partial<OpsClaims> = {}, host = OPS): Promise<Answer> {
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const token = opsToken({ m: method, p: path, body: bytes, ...claims });
    return http(this.#ports.core!, host, path, { method, body: bytes, headers: { authorization: `Bearer ${token}` } });
  }

  /** What the stacks of the control plane write: which host belongs to whom. */
  async setHost(host: string, entry: { t: string; kind: string; to?: string | null }): Promise<void> {
    const routing = await this.#runtime.getKVNamespace("ROUTING", "core");
    await routing.put(`h:${host}`, JSON.stringify({ v: 1, to: null, ...entry }));
  }

  async kv(name: "ROUTING" | "SESSIONS"): Promise<{
    get(key: string): Promise<string | null>;
    put(key: string, value: string): Promise<void>;
    delete(key: string): Promise<void>;
    list(): Promise<{ keys: { name: string }[] }>;
  }> {
    return this.#runtime.getKVNamespace(name, "core") as never;
  }

  async mailKv(): Promise<{ get(key: string): Promise<string | null>; put(key: string, value: string): Promise<void> }> {
    return this.#runtime.getKVNamespace("MAIL", "mailer") as never;
  }

  async bucket(name: "SITES" | "INBOX"): Promise<{
    list(options?: object): Promise<{ objects: { key: string }[] }>;
    put(key: string, value: string): Promise<unknown>;
    delete(key: string): Promise<void>;
    get(key: string): Promise<{ text(): Promise<string> } | null>;
  }> {
    return this.#runtime.getR2Bucket(name, "customer") as never;
  }
}

function kept(folder?: string): { kvPersist?: string; r2Persist?: string } {
  return folder ? { kvPersist: `${folder}/kv`, r2Persist: `${folder}/r2` } : {};
}

export const logs: string[] = [];

/** A Worker's log lines come through a pipe: they may arrive after its answer, and in pieces. */
export async function logged(...parts: string[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  const found = () => logs.join("").split("\n").some((line) => parts.every((part) => line.includes(part)));
  while (!found()) {
    if (Date.now() > deadline) throw new Error(`never logged: ${parts.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function quiet(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream): void {
  for (const stream of [stdout, stderr]) stream.on("data", (chunk) => logs.push(String(chunk)));
}
