/** What the API tells, and what the page remembers of it. */
import type { Manifest } from "../../shared/site.ts";
import { ApiError, call, get, setCsrf } from "./api.ts";
import { setLanguage, type Language } from "./text.ts";

export type Session = {
  user: { id: string; email: string; name: string; locale: Language };
  role: "owner" | "editor" | "reader";
  tenant: { id: string; slug: string; status: string; banner: string | null; primary: string };
  tenants: { id: string; slug: string; role: string }[];
  features: Record<string, boolean>;
  limits: { file_bytes: number; site_bytes: number; files: number };
  portal: string;
  csrf: string;
};
export type DnsRecord = { type: string; name: string; value: string };
export type Host = { host: string; state: string; reason: string | null; records: DnsRecord[] };
export type Site = {
  live: { release: string; n: number; at: string } | null;
  draft: { etag: string; files: number; bytes: number };
  hosts: Host[];
  usage: { bytes: number; files: number; inbox: number };
  url: string;
};
export type Release = { release: string; n: number; at: string; by: string; kind: string; files: number; bytes: number; live: boolean };
export type Draft = { manifest: Manifest; etag: string };

export async function loadSession(): Promise<Session | null> {
  try {
    const session = await get<Session>("/api/v1/session");
    setCsrf(session.csrf);
    setLanguage(chosenLanguage() ?? session.user.locale);
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export async function loadDraft(): Promise<Draft> {
  const { value, etag } = await call<Manifest>("GET", "/api/v1/draft");
  return { manifest: value, etag: etag ?? '"none"' };
}

export async function commit(draft: Draft, change: object): Promise<string> {
  const { etag } = await call<object>("POST", "/api/v1/draft/commit", { body: change, ifMatch: draft.etag });
  return etag ?? draft.etag;
}

export function mayWrite(session: Session): boolean {
  return session.role !== "reader" && ["active", "past_due", "provisioning"].includes(session.tenant.status);
}

const LANGUAGE = "studio-language";
const THEME = "studio-theme";

export function chosenLanguage(): Language | null {
  const kept = localStorage.getItem(LANGUAGE);
  return kept === "de" || kept === "en" ? kept : null;
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(LANGUAGE, language);
  setLanguage(language);
}

export function browserLanguage(): Language {
  return chosenLanguage() ?? (navigator.language.toLowerCase().startsWith("de") ? "de" : "en");
}

export function chosenTheme(): string {
  return localStorage.getItem(THEME) ?? "system";
}

export function chooseTheme(theme: string): void {
  localStorage.setItem(THEME, theme);
  showTheme();
}

export function showTheme(): void {
  const theme = chosenTheme();
  if (theme === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
}
