// The stream, the recordings, and where they are watched. Browsers that cannot play HLS get a player of ours.
import { call } from "./api.js";
import { chat } from "./chat.js";
import { watch } from "./live.js";
import { day, el, grid, link, piece, pill } from "./parts.js";
import { banner } from "./sponsors.js";
import { count } from "./visits.js";

const KIND = "application/vnd.apple.mpegurl";

export async function stream(site) {
  const { t, config, has } = site;
  const state = el("p", { class: "air" });
  const stage = el("div", { class: "screen" });
  let live = null;
  let screen = null;
  const show = (now) => {
    if (live === now.live) return;
    live = now.live;
    screen?.close();
    screen = live ? player(t, now.playbackUrl, t.stream, { begin: true }) : null;
    state.replaceChildren(pill(live ? t.live : t.offline, live ? "hot" : ""));
    stage.replaceChildren(screen ? screen.node : offline(site));
  };
  show(await call("GET", "/stream/status"));
  const stop = watch(config, "/stream/state", async (told) => show(told?.playbackUrl ? told : await call("GET", "/stream/status").catch(() => ({ live }))));
  const room = has("ivs-chat") ? chat(site) : null;
  site.onLeave = () => (stop(), screen?.close(), room?.close());
  return [el("div", { class: "head" }, el("h1", {}, t.stream), state), has("sponsor-system") && banner(site, "top"),
    el("div", { class: room ? "stage" : "" }, stage, room?.node),
    has("sponsor-system") && el("div", { class: "pair" }, banner(site, "left"), banner(site, "right")), has("sponsor-system") && banner(site, "bottom")];
}

function offline({ t }) {
  return el("div", { class: "dark" }, el("p", { class: "big" }, t.offline), el("p", {}, t.offline_more), el("p", {}, link("/recordings", t.recordings, { class: "button" })));
}

export function player(t, address, name, { begin = false } = {}) {
  const told = el("p", { class: "told", role: "status" });
  const video = el("video", { controls: true, playsinline: true, preload: "metadata", "aria-label": name });
  const end = { close: () => {} };
  const fail = () => told.replaceChildren(t.no_player, " ", el("button", { type: "button", class: "quiet", onclick: () => (told.replaceChildren(), start()) }, t.again));
  const start = () => attach(video, address, end, fail);
  video.addEventListener("play", () => count("play"), { once: true });
  if (begin) Object.assign(video, { muted: true, autoplay: true });
  start();
  return { node: el("div", {}, video, told), close: () => (end.close(), video.removeAttribute("src"), video.load()) };
}

async function attach(video, address, end, fail) {
  end.close();
  const { Hls } = await import("./hls.js");
  if (!Hls.isSupported()) {
    if (!video.canPlayType(KIND)) return fail();
    video.onerror = fail;
    video.src = address;
    return;
  }
  const machine = new Hls({ enableWorker: false, lowLatencyMode: true });
  end.close = () => machine.destroy();
  machine.on(Hls.Events.ERROR, (_event, error) => error.fatal && (machine.destroy(), fail()));
  machine.loadSource(address);
  machine.attachMedia(video);
}

export function recordings(site) {
  const { t } = site;
  let after = "";
  const list = el("div", { class: "grid" });
  const box = piece(t, async () => {
    const found = await call("GET", `/stream/recordings${after && `?next=${encodeURIComponent(after)}`}`);
    after = found.next || "";
    list.append(...found.items.map((one) => recording(site, one)));
    if (!list.childElementCount) return grid(t, [], t.no_recordings);
    return [list, after && el("button", { type: "button", class: "quiet", onclick: box.again }, t.more)];
  });
  site.onLeave = () => list.querySelectorAll("article").forEach((one) => one.close?.());
  return [el("h1", {}, t.recordings), el("p", { class: "lead" }, t.recordings_lead), box];
}

function recording({ t, locale }, one) {
  const minutes = Math.max(1, Math.round(one.durationMs / 60_000));
  const name = day(locale, one.startedAt);
  const node = el("article", { class: "card" }, el("h2", {}, name), el("p", { class: "soft" }, `${minutes} ${t.minutes}`));
  const play = el("button", { type: "button", "aria-label": `${t.play}: ${name}` }, t.play);
  play.addEventListener("click", () => {
    const screen = player(t, new URL(one.url).pathname, name);
    node.close = screen.close;
    play.replaceWith(screen.node);
    screen.node.querySelector("video").focus();
  });
  node.append(play);
  return node;
}

