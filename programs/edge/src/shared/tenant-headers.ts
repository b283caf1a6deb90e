const ALLOWED = new Set([
  "access-control-allow-origin",
  "access-control-expose-headers",
  "cache-control",
  "content-disposition",
  "content-language",
  "content-security-policy",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "link",
  "permissions-policy",
  "timing-allow-origin",
  "x-robots-tag",
]);

/** An allow-list: what is not named cannot override the security set, set a cookie or widen a service worker. */
export function headerAllowed(name: string): boolean {
  return ALLOWED.has(name.toLowerCase());
}
