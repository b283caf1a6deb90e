// The edge's public side: host -> proxied DNS record or custom hostname -> most specific route -> script.
// The table is data: it is read again every 100 ms, so a new tenant needs no new configuration.
const TABLE_AGE = 100; // ms
const FORGED = /^(cf-|mf-|x-forwarded-)|^(x-real-ip|true-client-ip|cdn-loop)$/;
const COMPRESSIBLE = /^(text\/(?!event-stream)|application\/(javascript|json|xml|manifest\+json|[\w.-]+\+(json|xml)|wasm)|image\/svg\+xml)/;
const SMALLEST_COMPRESSED = 512;

let table = { zones: {}, customs: {} };
let readAt = 0;

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const ray = newRay();
    const known = await currentTable(env);
    const site = locate(known, canonical(url.hostname));
    if (known.outages?.some((pattern) => glob(pattern).test(site.host ?? url.hostname))) return refusal(521, ray);
    if (site.error) return refusal(site.error, ray);
    if (url.pathname.startsWith("/cdn-cgi/")) return new Response("not found", { status: 404 });
    url.hostname = site.host;
    const script = route(site.routes, site.host, url.pathname) ?? site.attached?.script;
    if (site.attached?.store && !script) return publicObject(request, url, site.attached, env, ray);
    if (!script || !env[`SCRIPT:${script}`]) return refusal(522, ray); // the placeholder origin answers nobody
    return serve(env[`SCRIPT:${script}`], onward(request, url, ray), request, ray);
  },
};

async function currentTable(env) {
  if (Date.now() - readAt > TABLE_AGE) {
    table = (await env.TABLE.get("table", "json")) ?? table;
    readAt = Date.now();
  }
  return table;
}

const glob = (pattern) => new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);

const canonical = (host) => host.toLowerCase().replace(/\.$/, "");

function locate({ zones, customs }, host) {
  // `www.anna.de.localhost` shows `www.anna.de` in a browser on a machine whose resolver knows only *.localhost.
  const own = host in customs ? host : host.replace(/\.localhost$/, "");
  if (own in customs) {
    const { zone, error } = customs[own];
    return { host: own, routes: zones[zone]?.routes ?? [], error };
  }
  const zone = suffixes(host).find((name) => name in zones);
  if (!zone) return { error: 1001 };
  const record = [host, ...suffixes(host).map((name) => `*.${name}`)].find((name) => name in zones[zone].names);
  if (!record || !zones[zone].names[record]) return { error: 1016 };
  return { host, routes: zones[zone].routes, attached: zones[zone].attached?.[host] };
}

function suffixes(host) {
  const labels = host.split(".");
  return labels.map((_, at) => labels.slice(at).join("."));
}

// Sorted by the emulator, the most specific pattern first.
function route(routes, host, path) {
  return routes.find((pattern) => matches(pattern.host, host) && startsOrEquals(pattern.path, path))?.script;
}

const matches = (pattern, host) => (pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : host === pattern);

const startsOrEquals = (pattern, path) => (pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern);

function onward(request, url, ray) {
  const headers = new Headers();
  for (const [name, value] of request.headers) if (!FORGED.test(name)) headers.append(name, value);
  const scheme = url.protocol.slice(0, -1);
  headers.set("host", url.host);
  headers.set("cf-connecting-ip", "127.0.0.1");
  headers.set("cf-ipcountry", "XX");
  headers.set("cf-ray", ray);
  headers.set("cf-visitor", JSON.stringify({ scheme }));
  headers.set("x-forwarded-for", "127.0.0.1");
  headers.set("x-forwarded-proto", scheme);
  const { method, body, signal } = request;
  return new Request(url, { method, headers, body, signal, redirect: "manual", cf: { colo: "LOC", httpProtocol: "HTTP/1.1" } });
}

// A bucket with a domain of its own: everybody may read.
async function publicObject(request, url, { store, prefix }, env, ray) {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response("Method Not Allowed", { status: 405 });
  const key = decoded(url.pathname.slice(1));
  const object = key && (await env[store].get(prefix + key, { onlyIf: request.headers }));
  if (!object) return new Response("Object not found", { status: 404, headers: { "cf-ray": ray } });
  const headers = new Headers({ "cf-ray": ray, etag: object.httpEtag, "last-modified": object.uploaded.toUTCString() });
  object.writeHttpMetadata(headers);
  if (!object.body) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : object.body, { headers, encodeBody: "manual" });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

async function serve(script, request, original, ray) {
  let response;
  try {
    response = await script.fetch(request);
  } catch (error) {
    console.error(error);
    return refusal(1101, ray);
  }
  if (response.webSocket) return response;
  const answer = compressed(response, original);
  answer.headers.set("cf-ray", ray);
  answer.headers.set("server", "cloudflare");
  return answer;
}

function compressed(response, request) {
  const { headers } = response;
  const length = headers.get("content-length");
  const useful =
    response.body &&
    response.status !== 206 && // a part of the plain bytes is not a part of the compressed ones
    request.method !== "HEAD" &&
    /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "") &&
    !headers.has("content-encoding") &&
    !/no-transform/.test(headers.get("cache-control") ?? "") &&
    COMPRESSIBLE.test(headers.get("content-type") ?? "") &&
    (length === null || Number(length) > SMALLEST_COMPRESSED);
  if (!useful) return new Response(response.body, response);
  const changed = new Headers(headers);
  changed.set("content-encoding", "gzip");
  changed.delete("content-length");
  changed.append("vary", "accept-encoding");
  const etag = changed.get("etag");
  if (etag && !etag.startsWith("W/")) changed.set("etag", `W/${etag}`);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: changed });
}

function refusal(code, ray) {
  const status = code === 1101 ? 500 : code < 600 ? code : 530;
  const headers = { "content-type": "text/plain; charset=UTF-8", "cache-control": "no-store", "cf-ray": ray };
  return new Response(`error code: ${code}`, { status, headers });
}

function newRay() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}-LOC`;
}
