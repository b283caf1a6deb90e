// All calls go to our own origin; the session lives in a cookie that scripts cannot read.
let access = "";
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    this.status = status;
  }
}
export const signedIn = () => access !== "";
export async function call(method, path, body, again = true) {
  const headers = { "x-requested-with": "site" };
  if (access) headers.authorization = `Bearer ${access}`;
  if (body) headers["content-type"] = "application/json";
  if (body?.attempt) headers["idempotency-key"] = body.attempt;
  const { attempt, ...rest } = body || {};
  const answer = await fetch(`/api${path}`, { method, headers, body: body && JSON.stringify(rest) });
  if (answer.status === 401 && again && access && (await resume())) return call(method, path, body, false);
  const found = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, found);
  return found;
}
export async function resume() {
  access = "";
  try {
    access = (await call("POST", "/auth/refresh", {}, false)).accessToken;
  } catch {
    return false;
  }
  return true;
}
export async function logIn(fields) {
  access = (await call("POST", "/auth/login", fields)).accessToken;
}
export async function logOut() {
  await call("POST", "/auth/logout", {});
  access = "";
}
