// Runs workerd with exactly the configuration that the supervisor sends. Ends when its standard input closes.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Engine } from "./engine.mjs";
import { inspect } from "./inspect.mjs";

const settings = {
  state: required("SP_STATE"),
  host: "127.0.0.1",
  publicPort: Number(required("SP_PUBLIC_PORT")),
  dataPort: Number(required("SP_DATA_PORT")),
  dataToken: required("SP_TOKEN"),
};
const engine = new Engine(settings);

const ROUTES = {
  "GET /health": async () => [200, engine.health()],
  "PUT /config": async (body) => engine.apply(body),
  "POST /inspect": async (body) => inspect(body),
};

const admin = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => [500, { error: String(error?.message ?? error) }]);
  const payload = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(payload) });
  response.end(payload);
});

async function answer(request) {
  if (request.headers.origin !== undefined) return [403, { error: "not for browsers" }];
  if (!authorized(request.headers.authorization ?? "")) return [401, { error: "a bearer token is needed" }];
  const route = ROUTES[`${request.method} ${request.url}`];
  if (!route) return [404, { error: "no such route" }];
  return route(await readJson(request));
}

function authorized(header) {
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${settings.dataToken}`));
}

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString("utf8")) : {};
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

// The parent holds the other end: its death closes the pipe, however it died.
process.stdin.resume();
process.stdin.on("end", async () => {
  await engine.dispose();
  process.exit(0);
});

admin.listen(0, settings.host, () => {
  process.stdout.write(`${JSON.stringify({ admin: admin.address().port, pid: process.pid })}\n`);
});
