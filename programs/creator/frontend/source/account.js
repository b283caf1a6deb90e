// Signing up, confirming, signing in and out. Nothing of it is stored by this script.
import { call, logIn, logOut, signedIn } from "./api.js";
import { el, field, form, tick } from "./parts.js";

const again = () => dispatchEvent(new Event("popstate"));
const mail = (t) => field(t.email, { name: "email", type: "email", autocomplete: "email" });
const secret = (t, kind) => field(t.password, { name: "password", type: "password", minlength: kind === "new" ? 8 : 1, autocomplete: `${kind}-password` });

export async function account(t, locale) {
  if (signedIn()) {
    const me = await call("GET", "/auth/me");
    return [el("h1", {}, `${t.hello} ${me.username}`), el("p", {}, me.email), form(t, t.sign_out, async () => (await logOut(), again()))];
  }
  let userId = "";
  const code = () => field(t.code, { name: "code", inputmode: "numeric", autocomplete: "one-time-code" });
  const join = async ({ consent, ...f }) => {
    ({ userId } = await call("POST", "/auth/signup", { ...f, locale, consent: consent === "on" }));
    return t.code_sent;
  };
  const card = (title, ...parts) => el("section", { class: "card" }, el("h2", {}, title), parts);
  return [el("h1", {}, t.account), el("div", { class: "grid" },
    card(t.sign_in, form(t, t.sign_in, async (f) => (await logIn(f), again()), mail(t), secret(t, "current"))),
    card(t.sign_up, form(t, t.sign_up, join, mail(t), field(t.username, { name: "username" }), secret(t, "new"), tick(t.consent, { name: "consent", required: true })),
      form(t, t.confirm, (f) => call("POST", "/auth/confirm", { userId, ...f }).then(() => t.done), code())),
    card(t.forgot, form(t, t.forgot, (f) => call("POST", "/auth/forgot", f).then(() => t.code_sent), mail(t)),
      form(t, t.reset, (f) => call("POST", "/auth/reset", f).then(() => t.done), mail(t), code(), secret(t, "new"))))];
}
