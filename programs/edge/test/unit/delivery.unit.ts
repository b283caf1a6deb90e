import { deepEqual, equal, ok } from "node:assert/strict";
import { looksRight, typeOf } from "../../src/shared/mime.ts";
import { parseRange } from "../../src/shared/ranges.ts";
import { emptyManifest, type Manifest } from "../../src/shared/site.ts";
import { headerAllowed } from "../../src/shared/tenant-headers.ts";
import { Memo } from "../../src/domain/memo.ts";
import { fileHeaders } from "../../src/domain/headers.ts";
import { resolve } from "../../src/domain/resolve.ts";
import { random, test } from "./harness.ts";

test("ranges: against a plain reference, for every small size", () => {
  for (let size = 0; size <= 6; size += 1) {
    const whole = Array.from({ length: size }, (_, n) => n);
    for (let from = 0; from <= 7; from += 1) {
      for (let to = from; to <= 8; to += 1) {
        const part = parseRange(`bytes=${from}-${to}`, size);
        const expected = whole.filter((n) => n >= from && n <= to);
        if (!expected.length) equal(part, "unsatisfiable");
        else deepEqual(part, { offset: expected[0], length: expected.length });
      }
      const suffix = parseRange(`bytes=-${from}`, size);
      const last = from ? whole.slice(-from) : [];
      if (!last.length) equal(suffix, "unsatisfiable");
      else deepEqual(suffix, { offset: last[0], length: last.length });
    }
  }
});

test("ranges: garbage and several ranges mean the whole", () => {
  const next = random(3);
  const letters = "bytes=0123456789-, ;a";
  for (let n = 0; n < 3000; n += 1) {
    const text = Array.from({ length: Math.floor(next() * 16) }, () => letters[Math.floor(next() * letters.length)]).join("");
    const range = parseRange(text, 10);
    ok(range === null || /^\s*bytes=(\d+-\d*|-\d+)\s*$/.test(text), text);
  }
  equal(parseRange("bytes=0-1,3-4", 10), null);
  equal(parseRange(null, 10), null);
});

function site(paths: string[], settings: Partial<Manifest["settings"]> = {}): Manifest {
  const base = emptyManifest();
  const files = Object.fromEntries(paths.map((path) => [path, { h: "0".repeat(64), s: 1, t: typeOf(path)! }]));
  return { ...base, files, settings: { ...base.settings, ...settings } };
}

const seen = (manifest: Manifest, path: string, spa = false): string => {
  const found = resolve(manifest, path, "", spa);
  return found.kind === "file" ? `${found.status} ${found.path}` : found.kind === "redirect" ? `${found.status} → ${found.to}` : "missing";
};

test("resolution: the table", () => {
  const files = ["/index.html", "/a.html", "/b/index.html", "/b.html", "/c.txt"];
  const rows: [string, string, string, string][] = [
    ["/", "200 /index.html", "200 /index.html", "200 /index.html"],
    ["/a", "200 /a.html", "200 /a.html", "200 /a.html"],
    ["/a/", "308 → /a", "308 → /a", "308 → /a"],
    ["/b", "308 → /b/", "200 /b/index.html", "200 /b/index.html"],
    ["/b/", "200 /b/index.html", "308 → /b", "200 /b/index.html"],
    ["/b/index.html", "200 /b/index.html", "200 /b/index.html", "200 /b/index.html"],
    ["/c.txt", "200 /c.txt", "200 /c.txt", "200 /c.txt"],
    ["/c", "missing", "missing", "missing"],
    ["//", "missing", "missing", "missing"],
  ];
  for (const [path, ...expected] of rows) {
    const found = (["add", "strip", "keep"] as const).map((slash) => seen(site(files, { slash }), path));
    deepEqual(found, expected, path);
  }
});

test("resolution: 404 page, web app and redirects in their order", () => {
  equal(seen(site(["/404.html"]), "/x"), "404 /404.html");
  equal(seen(site(["/index.html", "/404.html"]), "/x/y", true), "200 /index.html");
  equal(seen(site(["/index.html", "/404.html"]), "/x.png", true), "404 /404.html");
  const redirects = [
    { from: "/a", to: "/b", status: 301 },
    { from: "/a*", to: "/c", status: 302 },
    { from: "/loop/*", to: "/loop/*", status: 301 },
  ];
  equal(seen(site(["/a.html"], { redirects }), "/a"), "301 → /b");
  equal(seen(site(["/a.html"], { redirects }), "/ab"), "302 → /c");
  equal(seen(site([], { redirects }), "/loop/x"), "missing");
  equal(seen(site([], { redirects: redirects.toReversed() }), "/a"), "301 → /b");
});

test("resolution: a path never chooses another host", () => {
  const next = random(11);
  const parts = ["/", "//", "\\", "evil.example", "@", "a", ":", "%2f", "..", "."];
  const manifest = site(["/index.html"], {
    redirects: [
      { from: "/go/*", to: "/*", status: 301 },
      { from: "/x*", to: "/*", status: 301 },
    ],
  });
  for (let n = 0; n < 3000; n += 1) {
    const tail = Array.from({ length: 1 + Math.floor(next() * 5) }, () => parts[Math.floor(next() * parts.length)]).join("");
    for (const path of [`/go/${tail}`, `/x${tail}`]) {
      const found = resolve(manifest, path, "", false);
      if (found.kind === "redirect") equal(new URL(found.to, "https://own.example").host, "own.example", path);
    }
  }
});

test("headers: what a tenant sets never weakens what the platform sets", () => {
  const place = { entry: { v: 1, t: "a", kind: "sub", to: null } as const, https: true };
  const hostile = {
    "set-cookie": "a=b",
    "x-frame-options": "ALLOWALL",
    "content-type": "text/html",
    "strict-transport-security": "max-age=0",
    "x-content-type-options": "x",
    "referrer-policy": "unsafe-url",
    location: "//evil",
    "service-worker-allowed": "/",
    "clear-site-data": "*",
    etag: "x",
    "content-security-policy": "default-src *",
  };
  const manifest = site(["/a.svg"], { headers: [{ path: "/*", set: hostile }] });
  const headers = fileHeaders(manifest, "/a.svg", "image/svg+xml", place);
  equal(headers.get("x-frame-options"), "SAMEORIGIN");
  equal(headers.get("content-type"), "image/svg+xml");
  equal(headers.get("content-security-policy"), "script-src 'none'; sandbox");
  equal(headers.get("strict-transport-security"), "max-age=31536000; includeSubDomains");
  for (const name of ["set-cookie", "location", "service-worker-allowed", "clear-site-data", "etag"]) equal(headers.get(name), null, name);
  ok(headerAllowed("Cache-Control") && !headerAllowed("Set-Cookie"));
});

test("headers: a preview is never stored nor found", () => {
  const place = { entry: { v: 1, t: "a", kind: "preview", to: null } as const, https: false };
  const manifest = site(["/a.1234abcd.js"], {
    headers: [{ path: "/*", set: { "cache-control": "public, max-age=99", "x-robots-tag": "all" } }],
  });
  const headers = fileHeaders(manifest, "/a.1234abcd.js", "text/javascript", place);
  deepEqual([headers.get("cache-control"), headers.get("x-robots-tag")], ["no-store", "noindex"]);
});

test("types: the name decides, the first bytes must not contradict", () => {
  equal(typeOf("/A.HTML"), "text/html; charset=utf-8");
  for (const path of ["/x.php", "/x", "/.html", "/x.html.exe", "/x."]) equal(typeOf(path), null, path);
  const head = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
  ok(looksRight("/a.png", head("\x89PNG\r\n\x1a\nrest")) && !looksRight("/a.png", head("<html>")));
  ok(looksRight("/a.webp", head("RIFF\x01\x02\x03\x04WEBP")) && !looksRight("/a.webp", head("RIFF\x01\x02\x03\x04WAVE")));
  ok(looksRight("/a.pdf", head("%PDF-1.7")) && !looksRight("/a.gif", head("GIF90a")) && looksRight("/a.html", head("anything")));
  ok(!looksRight("/a.jpg", new Uint8Array()));
});

test("memo: remembers for its time, forgets the oldest beyond its size", async () => {
  let loads = 0;
  const memo = new Memo<number>(2);
  const get = (key: string, ttl = 60_000) => memo.get(key, ttl, async () => (loads += 1));
  deepEqual([await get("a"), await get("a"), await get("b"), await get("c"), await get("a")], [1, 1, 2, 3, 4]);
  deepEqual([await get("z", 0), await get("z", 0)], [5, 6]);
});
