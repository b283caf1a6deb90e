/** The pages that the platform itself shows to visitors: calm, without a request, without anything from the request. */
import { securityHeaders, type Place } from "./headers.ts";

export type Page = "unknown" | "setup" | "paused" | "gone" | "soon" | "missing" | "broken" | "bad" | "preview" | "thanks";
export type Language = "de" | "en";

const TEXTS: Record<Language, Record<Page, [title: string, body: string]>> = {
  de: {
    unknown: ["Hier ist keine Website", "Unter dieser Adresse ist keine Website eingerichtet. Bitte prüfen Sie die Schreibweise."],
    setup: ["Diese Website wird gerade eingerichtet", "In wenigen Minuten ist sie erreichbar. Bitte laden Sie die Seite dann neu."],
    paused: ["Diese Website ist zurzeit nicht erreichbar", "Bitte versuchen Sie es später noch einmal."],
    gone: ["Diese Website gibt es nicht mehr", "Der Betreiber hat diese Website beendet."],
    soon: ["Hier entsteht eine Website", "Es ist noch nichts veröffentlicht. Bitte schauen Sie bald wieder vorbei."],
    missing: ["Seite nicht gefunden", "Diese Seite gibt es nicht oder nicht mehr."],
    broken: ["Die Seite kann gerade nicht geladen werden", "Wir sind informiert. Bitte versuchen Sie es in einigen Minuten noch einmal."],
    bad: ["Diese Adresse ist ungültig", "Bitte prüfen Sie die Schreibweise."],
    preview: ["Die Vorschau ist abgelaufen", "Öffnen Sie die Vorschau bitte erneut aus dem Studio."],
    thanks: ["Danke für Ihre Nachricht", "Sie ist angekommen. Wir melden uns bei Ihnen."],
  },
  en: {
    unknown: ["There is no website here", "No website is set up at this address. Please check the spelling."],
    setup: ["This website is being set up", "It will be available in a few minutes. Please reload the page then."],
    paused: ["This website is not available at the moment", "Please try again later."],
    gone: ["This website no longer exists", "Its owner has closed this website."],
    soon: ["A website is being made here", "Nothing has been published yet. Please come back soon."],
    missing: ["Page not found", "This page does not exist, or no longer exists."],
    broken: ["The page cannot be loaded right now", "We have been told. Please try again in a few minutes."],
    bad: ["This address is not valid", "Please check the spelling."],
    preview: ["The preview has expired", "Please open the preview again from the studio."],
    thanks: ["Thank you for your message", "It has arrived. We will get back to you."],
  },
};
const HOME: Record<Language, string> = { de: "Zur Startseite", en: "Go to the home page" };
const WITH_HOME: Page[] = ["missing", "thanks", "bad"];

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;--bg:#fff;--ink:#161b22;--muted:#515a67;--accent:#0b57c9}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--ink:#e8ebef;--muted:#a3adba;--accent:#7fb0ff}}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;background:var(--bg);color:var(--ink)}
main{max-width:34rem;padding:2rem}h1{font-size:clamp(1.5rem,1.2rem + 1.6vw,2.25rem);line-height:1.2;margin:0 0 .75rem;font-weight:600;text-wrap:balance}
p{margin:0 0 1rem;color:var(--muted)}.mark{width:2.5rem;height:.25rem;border-radius:999px;background:var(--accent);margin-bottom:1.5rem}
a{color:var(--accent)}a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}`;

export function pageLanguage(request: Request, locale: Language | null): Language {
  if (locale) return locale;
  const first = (request.headers.get("accept-language") ?? "de").slice(0, 2).toLowerCase();
  return first === "de" ? "de" : "en";
}

export function page(name: Page, status: number, language: Language, place: Place | null, extra: Record<string, string> = {}): Response {
  const [title, body] = TEXTS[language][name];
  const link = WITH_HOME.includes(name) ? `<p><a href="/">${HOME[language]}</a></p>` : "";
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${title}</title><style>${STYLE}</style></head>
<body><main><div class="mark"></div><h1>${title}</h1><p>${body}</p>${link}</main></body></html>
`;
  return new Response(html, {
    status,
    headers: {
      ...securityHeaders(place),
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cache-control": "no-store",
      "x-robots-tag": "noindex",
      vary: "accept-language",
      ...extra,
    },
  });
}
