// All calls go to our own origin; the long session lives in a cookie that scripts cannot read.
const PATIENCE = 20_000;
const MARK = "signed-in"; // that there may be a session: who was never here is not asked for one
let access = "";
let asking = null;

export class Problem extends Error {
  constructor(code, field = "", status = 0) {
    super(code);
    Object.assign(this, { code, field, status });
  }
  // Whether nobody knows what became of the request: then it may only be repeated under the same key.
  get isOpen() {
    return ["offline", "internal", "unavailable"].includes(this.code);
  }
}

export const signedIn = () => access !== "";

export async function call(method, path, body, { key, again = true } = {}) {
  const headers = { "x-requested-with": "site" };
  if (access) headers.authorization = `Bearer ${access}`;
  if (body) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const answer = await patient(method, `/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 401 && again && access && (await resume())) return call(method, path, body, { key, again: false });
  const found = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw problem(answer.status, found);
  return found;
}

// Reading may be repeated: a function that was asleep is often there the second time.
async function patient(method, url, options, tries = method === "GET" ? 3 : 1) {
  const answer = await reach(url, options);
  if (answer.status < 500 || tries === 1) return answer;
  await new Promise((next) => setTimeout(next, 400));
  return patient(method, url, options, tries - 1);
}

async function reach(url, options) {
  try {
    return await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Problem("offline");
  }
}

function problem(status, { error = {} }) {
  const known = { 401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limited", 503: "unavailable" };
  return new Problem(error.code || known[status] || (status < 500 ? "invalid_input" : "unavailable"), error.field, status);
}

// A new access token for the session of before. All who need one wait for the same answer.
export function resume() {
  asking ||= refresh().finally(() => (asking = null));
  return asking;
}

async function refresh() {
  if (!localStorage.getItem(MARK)) return false;
  const had = access !== "";
  access = "";
  try {
    access = (await call("POST", "/auth/refresh", {}, { again: false })).accessToken;
    return true;
  } catch (reason) {
    if (reason.isOpen) return false;
    localStorage.removeItem(MARK);
    if (had) dispatchEvent(new Event("session-ended"));
    return false;
  }
}

export async function logIn(fields, door = "/auth/login") {
  access = (await call("POST", door, fields)).accessToken;
  localStorage.setItem(MARK, "yes");
}

export async function logOut() {
  await call("POST", "/auth/logout", {});
  forget();
}

export function forget() {
  access = "";
  localStorage.removeItem(MARK);
}

export const token = () => access;

// What the token says of its holder. Only to show the right doors: the API looks for itself.
export function isCreator() {
  if (!access) return false;
  const text = access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return String(JSON.parse(atob(text))["cognito:groups"] || "").split(",").includes("admin");
}

// A picture goes from the browser right into the bucket, to the address that the API gave.
export async function upload(path, file) {
  const offer = await call("POST", path, { contentType: file.type, size: file.size });
  const { url, method, headers } = offer.upload;
  const sent = await reach(url, { method, headers, body: file });
  if (!sent.ok) throw new Problem("unavailable");
}
