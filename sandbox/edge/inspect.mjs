// Starts one script alone, on no port and no state of the edge: does it start, and what does it export?
import { Miniflare } from "./modules.mjs";
import { bindings, modules, sharedOptions } from "./options.mjs";
import { Output } from "./output.mjs";

const PROBE = "__probe.mjs";
const TARGET = "__target";

export async function inspect(worker) {
  const output = new Output();
  const began = performance.now();
  let miniflare;
  try {
    miniflare = new Miniflare({ ...sharedOptions(output), workers: [probe(worker), target()] });
    await miniflare.ready;
    const ms = Math.round(performance.now() - began);
    const answer = await miniflare.dispatchFetch("http://probe.invalid/");
    return [200, { exports: await answer.json(), startup_ms: ms }];
  } catch (error) {
    return [422, { error: output.failure() || String(error?.message ?? error) }];
  } finally {
    await miniflare?.dispose().catch(() => {});
  }
}

function probe(worker) {
  const bound = bindings(worker.bindings);
  for (const name of Object.keys(bound.serviceBindings)) bound.serviceBindings[name] = { name: TARGET };
  const source = { type: "ESModule", path: PROBE, contents: probeSource(worker.main) };
  return {
    name: worker.name,
    modules: [source, ...modules(worker).modules],
    compatibilityDate: worker.compatibility_date,
    compatibilityFlags: worker.compatibility_flags,
    ...bound,
  };
}

function target() {
  const contents = "export default { fetch() { return new Response(null, { status: 404 }); } };";
  return { name: TARGET, modules: [{ type: "ESModule", path: "target.mjs", contents }] };
}

function probeSource(main) {
  return `import * as script from ${JSON.stringify(`./${main}`)};
const plain = Object.prototype;
function methods(value) {
  const names = new Set();
  const start = typeof value === "function" ? value.prototype : value;
  for (let at = start; at && at !== plain; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && name !== "constructor") names.add(name);
    }
  }
  return [...names].sort();
}
const isEntry = (value) => (typeof value === "function" && value.prototype) || (typeof value === "object" && value);
export default {
  fetch() {
    const entries = Object.entries(script).filter(([, value]) => isEntry(value));
    return Response.json(entries.map(([name, value]) => ({ name, kind: typeof value, handlers: methods(value) })));
  },
};
`;
}
