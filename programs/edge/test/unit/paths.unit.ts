import { equal, ok, throws } from "node:assert/strict";
import { collisionKey, filePath, ownPath, requestPath } from "../../src/shared/paths.ts";
import { random, test } from "./harness.ts";

test("a request's path is decoded once", () => {
  equal(requestPath("/a%20b/%C3%BC.html"), "/a b/ü.html");
  equal(requestPath("/%252e%252e/x"), "/%2e%2e/x");
});

test("a request's path with tricks is refused", () => {
  for (const path of [
    "/%",
    "/%zz",
    "/%ff",
    "/a%00",
    "/a%0a",
    "/a%5cb",
    "/..%2fx",
    "/a/%2e%2e%2fb",
    "/x%2f.%2fy",
    "/%e2%80%ae",
    `/${"a".repeat(512)}`,
  ]) {
    equal(requestPath(path), null, path);
  }
});

test("a file's name is canonical or refused", () => {
  for (const path of ["/a.html", "/a/b-c_d.é.css", "/.well-known/x.txt", "/日本.html"]) equal(filePath(path), path);
  const bad = [
    "a",
    "",
    "/",
    "//a",
    "/a/",
    "/a//b",
    "/./a",
    "/../a",
    "/...",
    "/a\\b",
    "/a\u0000",
    "/e\u0301",
    "/ a",
    "/a ",
    "/a?b",
    "/a#b",
    "/a%20",
    "/c:x",
    "/_sp/a",
    "/_SP/a",
    "/a\u202eb",
    5,
    null,
    `/${"a".repeat(512)}`,
  ];
  for (const path of bad) throws(() => filePath(path), { code: "bad_path" }, String(path));
});

test("names that some system takes for one collide", () => {
  equal(collisionKey("/A.html"), collisionKey("/a.HTML"));
  equal(collisionKey("/\ufb01.html"), collisionKey("/fi.html"));
  ok(collisionKey("/a") !== collisionKey("/b"));
});

test("whatever is asked for, one stays on one's own host", () => {
  const next = random(7);
  const parts = [
    "/",
    "\\",
    "//",
    "evil.example",
    "http:",
    "https://",
    "@",
    ":",
    "\t",
    "\n",
    "%2f",
    "..",
    "?",
    "#",
    "javascript:",
    "\u0000",
    "ä",
    " ",
    ".",
  ];
  for (let n = 0; n < 5000; n += 1) {
    const text = Array.from({ length: 1 + Math.floor(next() * 6) }, () => parts[Math.floor(next() * parts.length)]).join("");
    const target = ownPath(text);
    equal(new URL(target, "https://own.example").origin, "https://own.example", text);
    ok(target.startsWith("/") && !target.startsWith("//"), text);
  }
  equal(ownPath("/a/b?c=d"), "/a/b?c=d");
  equal(ownPath(null), "/");
});
