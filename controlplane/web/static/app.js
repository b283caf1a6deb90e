// Copying, announcements and a sign when the connection is lost. Every page works without this file.
(() => {
  const say = (text) => { const box = document.getElementById("live-region"); if (box && box.textContent !== text) box.textContent = text; };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    try { await navigator.clipboard.writeText(source.textContent.trim()); } catch {
      getSelection().selectAllChildren(source); return;
    }
    const before = button.textContent;
    button.textContent = button.dataset.done; say(button.dataset.done);
    setTimeout(() => { button.textContent = before; }, 2000);
  });

  // Two clicks on a button that orders or decides are one.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.sent) { if (form.dataset.sent) event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // The live page announces its headline when it changes, and says when it may be out of date.
  const live = document.getElementById("live"), feed = document.getElementById("feed"), stale = document.getElementById("stale");
  if (live) {
    let headline = live.querySelector("[data-announce]")?.textContent;
    new MutationObserver(() => {
      const now = live.querySelector("[data-announce]")?.textContent;
      if (now && now !== headline) { headline = now; say(now); }
    }).observe(live, { childList: true, subtree: true, characterData: true });
  }
  if (feed) {
    // A stream that never came or fell silent is replaced by asking now and then.
    let heard = Date.now() - 15000;
    const alive = () => { heard = Date.now(); if (stale) stale.hidden = true; };
    for (const name of ["htmx:sse:after:connection", "htmx:sse:after:message"]) document.addEventListener(name, alive);
    document.addEventListener("htmx:sse:error", () => { if (stale) stale.hidden = false; });
    document.addEventListener("htmx:sse:close", () => { heard = Infinity; });
    setInterval(() => {
      if (document.hidden || Date.now() - heard < 20000) return;
      heard = Date.now() - 12000;
      htmx.ajax("GET", feed.dataset.state, { target: feed.dataset.hxTarget, swap: "innerMorph", headers: { "X-Unattended": "1" } });
    }, 2000);
  }

  // What is asked for again every half a minute while somebody looks; morphed, so that focus and place stay.
  // Where somebody is about to decide something it waits.
  for (const part of document.querySelectorAll("[data-fresh]")) {
    setInterval(() => {
      if (document.hidden || part.querySelector("details[open] form")) return;
      htmx.ajax("GET", part.dataset.fresh, { target: part, swap: "innerMorph", headers: { "X-Unattended": "1" } });
    }, 30000);
  }

  // A session that is about to end says so while one can still stay.
  const idle = document.getElementById("idle");
  if (idle) {
    const ends = Date.now() + idle.dataset.ends * 1000;
    let until = Date.now() + idle.dataset.idle * 1000;
    setInterval(() => {
      const near = Math.min(until, ends) - Date.now() < 300000;
      if (near && idle.hidden) say(idle.querySelector("p").textContent);
      idle.hidden = !near;
    }, 5000);
    idle.querySelector("button").addEventListener("click", async () => {
      const answer = await fetch("/v1/auth/session", { headers: { accept: "application/json" } });
      if (answer.ok) { until = Date.now() + idle.dataset.idle * 1000; idle.hidden = Math.min(until, ends) - Date.now() >= 300000; }
      else location.reload();
    });
  }

  // Private buyers are not asked what only companies have.
  const company = document.getElementById("kind-company");
  if (company) {
    const part = document.querySelector(".for-company");
    const show = () => { part.hidden = !company.checked; };
    document.querySelectorAll("[name=kind]").forEach((one) => one.addEventListener("change", show));
    show();
  }

  // A key is in sight for as long as somebody needs to copy it.
  const shown = document.querySelector("[data-gone]");
  if (shown) setTimeout(() => { shown.textContent = shown.dataset.goneText; say(shown.dataset.goneText); }, shown.dataset.gone * 1000);

  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  // On a phone the menu is one line: where one is must be in sight.
  const here = document.querySelector(".menu [aria-current]");
  if (here) here.closest("ul").scrollLeft = here.offsetLeft - 40;

  // Nothing that needs consent runs before it was given; the question is in the page and shown when it is open.
  const ask = document.getElementById("consent");
  if (ask) {
    const given = document.cookie.split("; ").find((part) => part.startsWith("consent="));
    const old = !given || !given.includes(ask.dataset.version);
    if (old && !navigator.globalPrivacyControl) ask.hidden = false;
    if (given && given.includes("statistics") && !old) {
      fetch("/statistics/view", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ path: location.pathname }), keepalive: true });
    }
  }

  // Shortcuts of the console: / to search, g and a letter to go somewhere, j and k from row to row, r to ask again, ? for all of them.
  if (document.body.classList.contains("console") && !document.body.classList.contains("no-keys")) {
    let going = 0;
    const places = { h: "/console", t: "/console/tenants", o: "/console/operations", a: "/console/approvals", i: "/console/inbox", e: "/console/emails", s: "/console/stats" };
    const step = (by) => {
      const rows = [...document.querySelectorAll("main tbody th a, main .timeline li a")];
      const at = rows.indexOf(document.activeElement);
      rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
    };
    const acts = { "/": () => document.getElementById("q")?.focus(), j: () => step(1), k: () => step(-1), r: () => location.reload(), "?": () => { location.href = "/console/me#keys"; }, g: () => { going = Date.now(); } };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
      if (places[event.key] && Date.now() - going < 1500) location.href = places[event.key];
      else if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
    });
  }
})();
