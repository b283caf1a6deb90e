// The creator's own rooms. What is shown here is for convenience: the API lets nobody else in.
import { isCreator } from "./api.js";
import { el, link, piece } from "./parts.js";
import { gatherings } from "./studio_gatherings.js";
import { people } from "./studio_people.js";
import { wares } from "./studio_wares.js";

const ROOMS = { ...wares, ...gatherings, ...people };

export function studio(site, rest) {
  const { t, has, config } = site;
  if (!isCreator()) return [el("h1", {}, t.studio), el("p", {}, t.studio_closed), el("p", {}, link("/account", t.sign_in))];
  const open = Object.entries(ROOMS).filter(([, room]) => has(room.module) && (!room.when || room.when(config)));
  const [name, room] = open.find(([key]) => key === rest) || open[0];
  const tabs = el("nav", { class: "tabs", "aria-label": t.studio }, open.map(([key, one]) => link(`/studio/${key}`, t[one.word], { "aria-current": key === name && "page" })));
  const box = piece(t, () => room.draw(site, () => box.again()));
  return [el("h1", {}, t.studio), tabs, el("h2", {}, t[room.word]), box];
}
