import { deepEqual, equal, ok } from "node:assert/strict";
import { emptyManifest } from "../../src/shared/site.ts";
import { compare, readRedirects, redirectsText, sort, tidy } from "../../src/core/ui/changes.ts";
import { de } from "../../src/core/ui/text.de.ts";
import { en } from "../../src/core/ui/text.en.ts";
import { oneLine } from "../../src/mailer/message.ts";
import { isAddress } from "../../src/mailer/settings.ts";
import { test } from "./harness.ts";

const file = (name: string, size = 3): File => new File([new Uint8Array(size)], name);
const entry = (h: string) => ({ h, s: 1, t: "x" });

test("the studio speaks both languages completely, with the same blanks", () => {
  const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
  deepEqual(Object.keys(en).sort(), Object.keys(de).sort());
  for (const key of Object.keys(de) as (keyof typeof de)[]) {
    deepEqual(blanks(en[key]), blanks(de[key]), key);
    ok(de[key].trim() && en[key].trim(), key);
    ok(!/[!]|Oops|Ups/.test(de[key] + en[key]), key);
  }
});

test("every code that the API refuses with and a person can cause has a sentence", () => {
  for (const code of [
    "unauthenticated",
    "rate_limited",
    "stale_release",
    "draft_changed",
    "blob_missing",
    "path_collision",
    "bad_path",
    "type_not_allowed",
    "bad_settings",
    "limit_exceeded",
    "feature_not_in_plan",
    "subscription_required",
    "tenant_frozen",
    "not_ready_yet",
    "role_not_allowed",
    "nothing_to_publish",
    "no_customer",
    "billing_unavailable",
    "control_plane_unavailable",
    "too_large",
  ]) {
    ok(`error_${code}` in de, code);
  }
});

test("differences between two states of a site", () => {
  const changes = compare(
    { "/a": entry("1"), "/b": entry("1"), "/c": entry("1") },
    { "/a": entry("1"), "/b": entry("2"), "/d": entry("1") },
  );
  deepEqual(changes, [
    { path: "/b", kind: "changed" },
    { path: "/c", kind: "removed" },
    { path: "/d", kind: "new" },
  ]);
});

test("a folder is only the wrapping, and the system's own files stay behind", () => {
  const paths = (...names: string[]) => tidy(names.map((path) => ({ path, file: file(path) }))).map(({ path }) => path);
  deepEqual(paths("site/index.html", "site/img/a.png", "site/.DS_Store", "site/.git/config"), ["/index.html", "/img/a.png"]);
  deepEqual(paths("index.html", "img/a.png"), ["/index.html", "/img/a.png"]);
  deepEqual(paths("a/x.html", "b/y.html"), ["/a/x.html", "/b/y.html"]);
  deepEqual(paths("u\u0308.html"), ["/ü.html"]);
});

test("what cannot be taken is named with its reason", () => {
  const picked = [
    ["/ok.html", 3],
    ["/x.exe", 3],
    ["/big.png", 99],
    ["/a?b.html", 3],
  ].map(([path, size]) => ({ path: path as string, file: file("x", size as number) }));
  const { taken, refused } = sort(picked, 50);
  deepEqual(
    taken.map(({ path }) => path),
    ["/ok.html"],
  );
  deepEqual(refused, [
    { path: "/x.exe", reason: "type" },
    { path: "/big.png", reason: "size" },
    { path: "/a?b.html", reason: "name" },
  ]);
});

test("redirects are written as lines and read back", () => {
  const redirects = [
    { from: "/a", to: "/b", status: 301 },
    { from: "/c/*", to: "https://x.example/*", status: 302 },
  ];
  const base = emptyManifest();
  const text = redirectsText({ ...base, settings: { ...base.settings, redirects } });
  equal(text, "/a /b\n/c/* https://x.example/* 302");
  deepEqual(readRedirects(`\n  ${text}  \n\n`), redirects);
});

test("addresses and subjects cannot carry headers", () => {
  for (const bad of ["", "a", "a@b", "a@b.c\r\nBcc: x@y.z", "a b@c.de", "<a@b.de>", "a@b.de, c@d.de", "a@b..de", 7, null])
    ok(!isAddress(bad), String(bad));
  ok(isAddress("anna.muster+x@sub.example.com"));
  equal(oneLine("a\r\nBcc: b\u2028c\td"), "a Bcc: b c d");
});
