// Counting visits: no cookie, no id, nothing of the person. Who objects, by the browser or on the privacy page, is not.
const MARK = "do-not-count";

export const objects = () => localStorage.getItem(MARK) === "yes" || navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
export const object = (yes) => (yes ? localStorage.setItem(MARK, "yes") : localStorage.removeItem(MARK));

export function count(type) {
  if (objects()) return;
  const from = document.referrer ? new URL(document.referrer).hostname : "";
  const visit = { type, path: location.pathname.slice(0, 200), ref: from === location.hostname ? "" : from.slice(0, 100), w: innerWidth };
  fetch("/api/analytics/collect", { method: "POST", keepalive: true, headers: { "content-type": "application/json" }, body: JSON.stringify(visit) }).catch(() => {});
}
