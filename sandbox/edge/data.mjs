// KV values and R2 objects for the emulator's REST API: the same stores that the Workers' bindings use.
const ROUTES = {
  "GET kv": kvGet,
  "PUT kv": kvPut,
  "DELETE kv": kvDelete,
  "GET kv/metadata": kvMetadata,
  "GET kv/list": kvList,
  "POST kv/bulk": kvBulk,
  "POST kv/purge": kvPurge,
  "GET r2": r2Get,
  "HEAD r2": r2Head,
  "PUT r2": r2Put,
  "DELETE r2": r2Delete,
  "GET r2/list": r2List,
  "POST r2/delete": r2DeleteMany,
  "POST r2/move": r2Move,
};

export default {
  async fetch(request, env) {
    if (!(await authorized(request, env))) return Response.json({ error: "a token is needed" }, { status: 401 });
    const url = new URL(request.url);
    const action = ROUTES[`${request.method} ${url.pathname.slice(1)}`];
    if (!action) return Response.json({ error: "no such route" }, { status: 404 });
    try {
      return await action(call(request, url, env));
    } catch (error) {
      return Response.json({ error: String(error.message) }, { status: error instanceof Missing ? 404 : 400 });
    }
  },
};

class Missing extends Error {}

async function authorized(request, env) {
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const [given, known] = await Promise.all([request.headers.get("x-token") ?? "", env.TOKEN].map(digest));
  return crypto.subtle.timingSafeEqual(given, known);
}

function call(request, url, env) {
  const query = Object.fromEntries(url.searchParams);
  const store = env[query.store];
  if (!store) throw new Missing(`${query.store} is not configured`);
  return { request, env, query, store };
}

const done = () => new Response(null, { status: 204 });

// --- KV ---

async function kvGet({ store, query }) {
  const { value, metadata } = await store.getWithMetadata(query.key, "stream");
  if (value === null) throw new Missing("no such key");
  return new Response(value, { headers: { "x-metadata": encodeURIComponent(JSON.stringify(metadata)) } });
}

async function kvMetadata({ store, query }) {
  const { value, metadata } = await store.getWithMetadata(query.key, "stream");
  if (value === null) throw new Missing("no such key");
  await value.cancel();
  return Response.json({ metadata });
}

async function kvPut({ store, query, request }) {
  const options = {};
  if (query.expiration) options.expiration = Number(query.expiration);
  if (query.expiration_ttl) options.expirationTtl = Number(query.expiration_ttl);
  const metadata = request.headers.get("x-metadata");
  if (metadata) options.metadata = JSON.parse(decodeURIComponent(metadata));
  await store.put(query.key, await request.arrayBuffer(), options);
  return done();
}

async function kvDelete({ store, query }) {
  await store.delete(query.key);
  return done();
}

async function kvList({ store, query }) {
  const { prefix, cursor, limit } = query;
  return Response.json(await store.list({ prefix, cursor, limit: Number(limit ?? 1000) }));
}

// Several writes for one call of the API; a pair says whether it writes or deletes.
async function kvBulk({ store, request }) {
  for (const { key, remove, value, base64, options } of await request.json()) {
    if (remove) await store.delete(key);
    else await store.put(key, base64 ? Uint8Array.from(atob(value), (char) => char.charCodeAt(0)) : value, options);
  }
  return done();
}

async function kvPurge({ store }) {
  for (let page = await store.list(); page.keys.length; page = await store.list()) {
    await Promise.all(page.keys.map(({ name }) => store.delete(name)));
  }
  return done();
}

// --- R2 ---

function describe(object) {
  const { key, size, etag, version } = object;
  const fields = { key, size, etag, version, uploaded: object.uploaded.toISOString(), md5: object.checksums.toJSON().md5 };
  return { ...fields, http_metadata: object.httpMetadata, custom_metadata: object.customMetadata };
}

function objectHeaders(object) {
  const headers = new Headers();
  object.writeHttpMetadata(headers);
  headers.set("etag", object.httpEtag);
  headers.set("last-modified", object.uploaded.toUTCString());
  headers.set("x-object", encodeURIComponent(JSON.stringify(describe(object))));
  return headers;
}

async function r2Get({ store, query }) {
  const object = await store.get(query.key);
  if (object === null) throw new Missing("no such object");
  // As stored: an object kept with a content encoding must not be encoded once more.
  return new Response(object.body, { headers: objectHeaders(object), encodeBody: "manual" });
}

async function r2Head({ store, query }) {
  const object = await store.head(query.key);
  return object === null ? new Response(null, { status: 404 }) : new Response(null, { headers: objectHeaders(object) });
}

async function r2Put({ store, query, request }) {
  const http = JSON.parse(decodeURIComponent(request.headers.get("x-http-metadata") ?? "{}"));
  const length = Number(request.headers.get("content-length"));
  const { readable, writable } = new FixedLengthStream(length);
  const [, object] = await Promise.all([
    request.body ? request.body.pipeTo(writable) : writable.close(),
    store.put(query.key, readable, { httpMetadata: http }),
  ]);
  return Response.json(describe(object));
}

async function r2Delete({ store, query }) {
  if ((await store.head(query.key)) === null) throw new Missing("no such object");
  await store.delete(query.key);
  return done();
}

async function r2List({ store, query }) {
  const { prefix, cursor, start_after: startAfter, delimiter, limit } = query;
  const include = ["httpMetadata", "customMetadata"];
  const page = await store.list({ prefix, cursor, startAfter, delimiter, limit: Number(limit ?? 1000), include });
  const { truncated, delimitedPrefixes } = page;
  return Response.json({ objects: page.objects.map(describe), truncated, cursor: page.cursor, delimitedPrefixes });
}

async function r2DeleteMany({ store, request }) {
  const keys = await request.json();
  const heads = await Promise.all(keys.map((key) => store.head(key)));
  await store.delete(keys.filter((_, at) => heads[at] !== null));
  return Response.json({ missing: keys.filter((_, at) => heads[at] === null) });
}

// From a prefix of one bucket to the whole of another; called again until nothing is left.
async function r2Move({ store, query, env }) {
  const target = env[query.to];
  if (!target) throw new Missing(`${query.to} is not configured`);
  const page = await store.list({ prefix: query.prefix, limit: 50, include: ["httpMetadata", "customMetadata"] });
  for (const { key } of page.objects) {
    const { body, httpMetadata, customMetadata } = await store.get(key);
    // A Worker may already have written a newer object under its binding: that one wins.
    const onlyIf = { etagDoesNotMatch: "*" };
    await target.put(key.slice(query.prefix.length), body, { httpMetadata, customMetadata, onlyIf });
    await store.delete(key);
  }
  return Response.json({ moved: page.objects.length, left: page.truncated });
}
