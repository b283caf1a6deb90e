// Bundles each Worker into one ES module under built/, which is committed: whoever deploys needs no Node.
// `node build.mjs` writes, `node build.mjs --check` compares with what is there.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const declared = JSON.parse(await readFile(`${here}bindings.json`, "utf8"));
const names = Object.keys(declared.workers);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const common = {
  absWorkingDir: here,
  bundle: true,
  write: false,
  format: "esm",
  target: "es2024",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

async function bundled(entry, options = {}) {
  const result = await build({ ...common, entryPoints: [entry], metafile: true, outfile: "out.js", ...options });
  return { text: result.outputFiles[0].text, exports: result.metafile.outputs["out.js"]?.exports ?? [] };
}

/** The studio travels inside Core: its script and style get names that change with their content. */
const studio = {
  name: "studio",
  setup(worker) {
    worker.onResolve({ filter: /^studio:assets$/ }, () => ({ path: "assets", namespace: "studio" }));
    worker.onLoad({ filter: /.*/, namespace: "studio" }, async () => {
      const script = (await bundled("src/core/ui/app.ts", { minify: true })).text;
      const style = (await bundled("src/core/ui/app.css", { minify: true, outfile: "out.css" })).text;
      const icon = await readFile(`${here}src/core/ui/icon.svg`, "utf8");
      const assets = {
        [`app-${sha256(script).slice(0, 12)}.js`]: { type: "text/javascript; charset=utf-8", body: script },
        [`app-${sha256(style).slice(0, 12)}.css`]: { type: "text/css; charset=utf-8", body: style },
        [`icon-${sha256(icon).slice(0, 12)}.svg`]: { type: "image/svg+xml", body: icon },
      };
      const [js, css, svg] = Object.keys(assets);
      const html = (await readFile(`${here}src/core/ui/index.html`, "utf8"))
        .replace("{{script}}", `/assets/${js}`)
        .replace("{{style}}", `/assets/${css}`)
        .replace("{{icon}}", `/assets/${svg}`);
      return { contents: `export const html = ${JSON.stringify(html)};\nexport const assets = ${JSON.stringify(assets)};`, loader: "js" };
    });
  },
};

export async function workers() {
  const built = await Promise.all(
    names.map(async (name) => {
      const { text, exports } = await bundled(`src/${name}/index.ts`, { external: ["cloudflare:workers"], plugins: [studio] });
      return [name, text, exports];
    }),
  );
  const entries = built.map(([name, text, exports]) => ({
    name,
    sha256: sha256(text),
    compat_date: declared.compatibility_date,
    entrypoints: exports.sort(),
  }));
  const files = Object.fromEntries(built.map(([name, text]) => [`${name}.mjs`, text]));
  return { ...files, "manifest.json": `${JSON.stringify(entries, null, 2)}\n` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await workers();
  if (process.argv.includes("--check")) {
    const stale = [];
    for (const [name, text] of Object.entries(files)) {
      if ((await readFile(`${here}built/${name}`, "utf8").catch(() => "")) !== text) stale.push(name);
    }
    console.log(stale.length ? `stale: ${stale.join(", ")}` : "built is up to date");
    process.exit(stale.length ? 1 : 0);
  }
  await mkdir(`${here}built`, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(`${here}built/${name}`, text);
}
