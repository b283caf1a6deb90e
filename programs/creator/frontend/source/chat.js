// The chat room: everybody reads what was said; who is signed in enters by itself and comes back when the line breaks.
import { call, isCreator, signedIn } from "./api.js";
import { form } from "./form.js";
import { el, field, link, said } from "./parts.js";

const MOST = 200;
const PAUSE = 15_000;

export function chat(site) {
  const { t } = site;
  const list = el("div", { class: "said", tabindex: 0, role: "log", "aria-label": t.chat });
  const state = el("p", { class: "soft", role: "status" });
  const box = el("div", {});
  const room = { t, most: site.config.chat_length || 280, list, state, box, socket: null, open: true, tries: 0, shown: new Map() };
  read(room);
  const reading = setInterval(() => !room.socket && document.visibilityState === "visible" && read(room), PAUSE);
  if (signedIn()) enter(room);
  else box.replaceChildren(el("p", {}, link("/account", t.chat_sign_in)));
  const close = () => ((room.open = false), clearInterval(reading), room.socket?.close());
  return { node: el("section", { class: "card chat", "aria-labelledby": "chat" }, el("h2", { id: "chat" }, t.chat), list, state, box), close };
}

async function read(room) {
  try {
    for (const one of (await call("GET", "/chat/messages")).items.toReversed()) if (!one.deleted) say(room, one.messageId, one.username, one.message, one.userId);
    if (!room.shown.size && !room.state.textContent) room.state.textContent = room.t.no_messages;
  } catch (problem) {
    if (!room.socket) room.state.textContent = said(room.t, problem); // who is in hears what is said anyway
  }
}

function say(room, id, who, text, userId) {
  if (room.shown.has(id)) return;
  if (room.state.textContent === room.t.no_messages) room.state.textContent = "";
  const { list, t } = room;
  const low = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const line = el("p", {}, el("strong", {}, who || t.somebody), " ", el("span", {}, text), isCreator() && order(room, id, who, userId));
  room.shown.set(id, line);
  list.append(line);
  if (list.childElementCount > MOST) list.firstElementChild.remove();
  if (low) list.scrollTop = list.scrollHeight;
}

function order({ t, state }, id, who, userId) {
  const act = (method, path, done) => async () => {
    try {
      await call(method, path);
      state.textContent = done;
    } catch (problem) {
      state.textContent = said(t, problem);
    }
  };
  return el("span", { class: "order" },
    el("button", { type: "button", class: "tiny", "aria-label": `${t.remove}: ${who}`, onclick: act("DELETE", `/chat/messages/${id}`, t.removed) }, t.remove),
    el("button", { type: "button", class: "tiny", "aria-label": `${t.disconnect}: ${who}`, onclick: act("POST", `/chat/users/${userId}/disconnect`, t.disconnected) }, t.disconnect));
}

async function enter(room) {
  const { t, state } = room;
  try {
    const entry = await call("POST", "/chat/token", {});
    if (!room.open) return;
    room.box.replaceChildren(entry.canWrite ? writer(room) : el("p", { class: "soft" }, link("/membership", t.chat_members)));
    connect(room, entry);
  } catch (problem) {
    state.textContent = said(t, problem);
    later(room);
  }
}

function connect(room, entry) {
  const socket = new WebSocket(entry.endpoint, entry.token);
  room.socket = socket;
  socket.onopen = () => {
    room.tries = 0;
    room.state.textContent = room.t.connected;
  };
  socket.onmessage = ({ data }) => heard(room, JSON.parse(data));
  socket.onclose = () => {
    room.socket = null;
    if (!room.open) return;
    room.state.textContent = room.t.closed;
    later(room);
  };
}

// A token opens one connection only, so each try asks for a new one.
function later(room) {
  room.tries += 1;
  if (room.open && room.tries < 7) setTimeout(() => room.open && !room.socket && enter(room), 1000 * 2 ** room.tries);
}

function heard(room, told) {
  if (told.Type === "MESSAGE") say(room, told.Id, told.Sender?.Attributes?.username, told.Content, told.Sender?.UserId);
  else if (told.Type === "EVENT" && told.EventName === "aws:DELETE_MESSAGE") room.shown.get(told.Attributes?.MessageID)?.remove();
  else if (told.Type === "ERROR") room.state.textContent = told.ErrorCode === 406 ? room.t.chat_refused : room.t.chat_slow;
}

function writer(room) {
  const send = ({ message }) => {
    if (room.socket?.readyState !== WebSocket.OPEN) throw Object.assign(new Error(), { code: "chat" });
    room.state.textContent = "";
    room.socket.send(JSON.stringify({ Action: "SEND_MESSAGE", RequestId: crypto.randomUUID(), Content: message }));
    return "";
  };
  return form(room.t, room.t.send, send, [field(room.t.message, { name: "message", maxlength: room.most, autocomplete: "off" })], { problems: { chat: room.t.closed } });
}
