// The emulator's configuration as miniflare options.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Log, LogLevel } from "./modules.mjs";

const COMPATIBILITY_DATE = "2026-07-01";
const FRONT = "__front"; // script names cannot begin with an underscore
const DATA = "__data";
const TABLE_NAMESPACE = "__edge";

export function sharedOptions(output) {
  return {
    host: "127.0.0.1",
    port: 0, // miniflare's own entry obeys MF-* headers; its port is told to nobody
    cf: false,
    logRequests: false,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: output.handle,
  };
}

export function edgeOptions(config, settings, output) {
  return {
    ...sharedOptions(output),
    kvPersist: join(settings.state, "kv"),
    r2Persist: join(settings.state, "r2"),
    workers: [front(config, settings), data(config, settings), ...config.workers.map(script)],
  };
}

export function script(worker) {
  return {
    name: worker.name,
    ...modules(worker),
    compatibilityDate: worker.compatibility_date,
    compatibilityFlags: worker.compatibility_flags,
    ...bindings(worker.bindings),
  };
}

export function modules(worker) {
  // The main module comes first: that is how miniflare knows it.
  const sorted = [...worker.modules].sort((a, b) => (b.name === worker.main) - (a.name === worker.main));
  return { modules: sorted.map((module) => ({ type: module.type, path: module.name, contents: contents(module) })) };
}

function contents(module) {
  return module.base64 === undefined ? module.text : Buffer.from(module.base64, "base64");
}

export function bindings(list) {
  const options = { bindings: {}, kvNamespaces: {}, r2Buckets: {}, serviceBindings: {}, ratelimits: {} };
  for (const binding of list) BINDERS[binding.type](options, binding);
  return options;
}

const BINDERS = {
  plain_text: (options, { name, text }) => (options.bindings[name] = text),
  secret_text: (options, { name, text }) => (options.bindings[name] = text),
  json: (options, { name, json }) => (options.bindings[name] = json),
  version_metadata: (options, { name, version }) => (options.bindings[name] = version),
  kv_namespace: (options, { name, namespace_id }) => (options.kvNamespaces[name] = namespace_id),
  r2_bucket: (options, { name, bucket }) => (options.r2Buckets[name] = bucket),
  service: (options, { name, service, entrypoint }) =>
    (options.serviceBindings[name] = entrypoint ? { name: service, entrypoint } : { name: service }),
  ratelimit: (options, { name, namespace_id, simple }) => (options.ratelimits[name] = { namespace_id, simple }),
};

function front(config, settings) {
  const services = config.workers.map((worker) => [`SCRIPT:${worker.name}`, { name: worker.name }]);
  return {
    ...generated(FRONT, "front.mjs"),
    kvNamespaces: { TABLE: TABLE_NAMESPACE },
    r2Buckets: Object.fromEntries(config.buckets.map((id) => [`R2:${id}`, id])),
    serviceBindings: Object.fromEntries(services),
    unsafeDirectSockets: [{ host: settings.host, port: settings.publicPort }],
  };
}

function data(config, settings) {
  const namespaces = [TABLE_NAMESPACE, ...config.namespaces];
  return {
    ...generated(DATA, "data.mjs"),
    bindings: { TOKEN: settings.dataToken },
    kvNamespaces: Object.fromEntries(namespaces.map((id) => [`KV:${id}`, id])),
    r2Buckets: Object.fromEntries(config.buckets.map((id) => [`R2:${id}`, id])),
    unsafeDirectSockets: [{ host: settings.host, port: settings.dataPort }],
  };
}

function generated(name, file) {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return { name, modules: [{ type: "ESModule", path: file, contents: text }], compatibilityDate: COMPATIBILITY_DATE };
}
