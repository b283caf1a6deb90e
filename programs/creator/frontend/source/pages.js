// All pages: where they are, what they are called, which module they need. What a creator switched off is not there.
import { account } from "./account.js";
import { events, polls } from "./gatherings.js";
import { home } from "./home.js";
import { imprint, privacy } from "./legal.js";
import { contact, newsletter } from "./letters.js";
import { donations, membership } from "./support.js";
import { shop } from "./shop.js";
import { sponsors } from "./sponsors.js";
import { recordings, stream } from "./stream.js";

export const PAGES = [
  { path: "/", word: "home", place: "none", draw: home },
  { path: "/stream", word: "stream", place: "nav", module: "ivs-streaming", draw: stream },
  { path: "/recordings", word: "recordings", place: "nav", module: "ivs-streaming", draw: recordings },
  { path: "/events", word: "events", place: "nav", module: "events", draw: events },
  { path: "/shop", word: "shop", place: "nav", module: "shop", draw: shop },
  { path: "/polls", word: "polls", place: "nav", module: "polls", draw: polls },
  { path: "/membership", word: "membership", place: "nav", module: "membership", draw: membership },
  { path: "/donations", word: "donations", place: "nav", module: "donations", draw: donations },
  { path: "/account", word: "account", place: "tool", module: "user-auth", draw: account },
  { path: "/studio", word: "studio", place: "tool", module: "user-auth", admin: true, draw: async (site, rest) => (await import("./studio.js")).studio(site, rest) },
  { path: "/newsletter", word: "newsletter", place: "foot", module: "newsletter", draw: newsletter },
  { path: "/contact", word: "contact", place: "foot", module: "contact-form", draw: contact },
  { path: "/sponsors", word: "sponsors", place: "foot", module: "sponsor-system", draw: sponsors },
  { path: "/imprint", word: "imprint", place: "foot", draw: imprint },
  { path: "/privacy", word: "privacy", place: "foot", draw: privacy },
];
