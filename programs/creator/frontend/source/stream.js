// The player is the browser's own; where it cannot play the stream it says so and gives the address.
import { call } from "./api.js";
import { el, field, form } from "./parts.js";

const KIND = "application/vnd.apple.mpegurl";

export async function stream(t, _locale, config) {
  const state = await call("GET", "/stream/status");
  const parts = [player(t, state)];
  if (config.modules.includes("ivs-chat")) parts.push(await chat(t));
  return [el("h1", {}, t.stream), el("p", {}, state.live ? t.live : t.offline), el("div", { class: "stage" }, parts)];
}
function player(t, state) {
  if (!state.live) return el("div", { class: "card" }, t.offline);
  const video = el("video", { controls: true, playsinline: true, "aria-label": t.stream });
  if (!video.canPlayType(KIND)) return el("p", { class: "card" }, t.no_player, " ", el("a", { href: state.playbackUrl }, state.playbackUrl));
  video.src = state.playbackUrl;
  return video;
}
async function chat(t) {
  const list = el("ol", { tabindex: 0, "aria-label": t.chat, "aria-live": "polite" });
  const say = (who, text) => list.append(el("li", {}, el("strong", {}, who), ` ${text}`));
  for (const one of (await call("GET", "/chat/messages")).items.toReversed()) say(one.username || "", one.message || one.content || "");
  let socket;
  const enter = async () => {
    const entry = await call("POST", "/chat/token", {});
    socket = new WebSocket(entry.endpoint, entry.token);
    socket.onmessage = ({ data }) => {
      const told = JSON.parse(data);
      if (told.Type === "MESSAGE") say(told.Sender?.Attributes?.username || "", told.Content);
    };
    socket.onclose = () => say("", t.closed);
    return t.connected;
  };
  const send = async ({ message }) => {
    if (socket?.readyState !== WebSocket.OPEN) throw new Error(t.closed);
    socket.send(JSON.stringify({ Action: "SEND_MESSAGE", RequestId: crypto.randomUUID(), Content: message }));
  };
  return el("section", { class: "card chat" }, el("h2", {}, t.chat), list, form(t, t.enter_chat, enter),
    form(t, t.send, send, field(t.message, { name: "message", maxlength: 500 })));
}
