/** Bundles test/unit into one Worker and runs each of its tests there. */
import { strict as assert } from "node:assert";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const here = fileURLToPath(new URL(".", import.meta.url));
const files = globSync("unit/*.unit.ts", { cwd: here }).sort();
const contents = `${files.map((file) => `import "./${file}";`).join("\n")}
import { answer } from "./unit/harness.ts";
export default { fetch: answer };`;
const { outputFiles } = await build({
  stdin: { contents, resolveDir: here },
  bundle: true,
  write: false,
  format: "esm",
  target: "es2024",
  external: ["node:*", "cloudflare:workers"],
});
const runtime = new Miniflare({
  modules: [{ type: "ESModule", path: "index.mjs", contents: outputFiles[0]!.text }],
  compatibilityDate: "2026-07-30",
  compatibilityFlags: ["nodejs_compat"],
  cf: false,
  r2Buckets: ["SITES", "INBOX"],
  kvNamespaces: ["STORE"],
  ratelimits: { LIMIT: { namespace_id: "1", simple: { limit: 3, period: 60 } } },
});
const ask = async (query: string): Promise<any> => (await runtime.dispatchFetch(`http://unit/${query}`)).json();

await test("inside the runtime", async (context) => {
  const names = (await ask("")) as string[];
  assert.ok(names.length > 30, `only ${names.length} tests found`);
  for (const name of names) {
    await context.test(name, async () => {
      const { ok, error } = await ask(`?name=${encodeURIComponent(name)}`);
      assert.ok(ok, error);
    });
  }
});
await runtime.dispose();
