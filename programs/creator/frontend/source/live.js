// Who is watching hears of changes by WebSocket (AppSync Events). What is told is a reason to look: a page that hears
// nothing asks now and then, so a lost message delays, and never makes wrong.
const SLOW = 30_000;
const wanted = new Map();
let socket = null;
let tries = 0;
let told = null;

export function watch(config, channel, look) {
  told = config.realtime?.key ? config.realtime : null;
  const id = crypto.randomUUID();
  wanted.set(id, { channel, look });
  const timer = setInterval(() => document.visibilityState === "visible" && look(), SLOW);
  if (told && socket?.readyState === WebSocket.OPEN) subscribe(id);
  else if (told && !socket) open();
  return () => {
    clearInterval(timer);
    wanted.delete(id);
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "unsubscribe", id }));
  };
}

const auth = () => ({ host: told.host, "x-api-key": told.key });
const packed = () => btoa(JSON.stringify(auth())).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

function open() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  try {
    socket = new WebSocket(`${scheme}://${told.socket}/event/realtime`, ["aws-appsync-event-ws", `header-${packed()}`]);
  } catch {
    return;
  }
  socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
  socket.onmessage = ({ data }) => heard(JSON.parse(data));
  socket.onclose = closed;
}

function heard(message) {
  if (message.type === "connection_ack") {
    tries = 0;
    for (const id of wanted.keys()) subscribe(id);
  } else if (message.type === "data") {
    wanted.get(message.id)?.look(JSON.parse([message.event].flat()[0]));
  }
}

const subscribe = (id) => socket.send(JSON.stringify({ type: "subscribe", id, channel: wanted.get(id).channel, authorization: auth() }));

// Not for ever at the same pace: what cannot be reached is asked more and more rarely.
function closed() {
  socket = null;
  tries += 1;
  if (wanted.size && tries < 6) setTimeout(() => wanted.size && !socket && open(), 1000 * 2 ** tries);
}
