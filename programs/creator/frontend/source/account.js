// A person's own page: coming in, what is theirs, their data, and leaving.
import { call, forget, logIn, logOut, signedIn } from "./api.js";
import { factor, lost, secondFactor, withFactor } from "./factor.js";
import { form } from "./form.js";
import { tickets } from "./gatherings.js";
import { card, choice, el, facts, field, link, piece, tick } from "./parts.js";
import { orderList } from "./shop.js";

const again = () => dispatchEvent(new Event("signed"));
const mail = (t, more) => field(t.email, { name: "email", type: "email", autocomplete: "email", ...more });
const secret = (t, attributes) => field(t.password, { name: "password", type: "password", autocomplete: "current-password", ...attributes });
const fresh = ({ t, config }) => secret(t, { autocomplete: "new-password", minlength: config.password_min || 10, hint: t.password_hint.replace("{n}", config.password_min || 10) });
const code = (t, more, label = t.code) => field(label, { name: "code", inputmode: "numeric", pattern: "[0-9]{6}", maxlength: 6, autocomplete: "one-time-code", hint: t.code_hint, ...more });

export async function account(site) {
  return signedIn() ? inside(site) : outside(site);
}

function outside(site) {
  const { t, config } = site;
  const said = new URLSearchParams(location.search).get("gone") ? el("p", { class: "notice good", role: "status" }, t.account_gone) : "";
  const second = factor(t);
  const enter = async (f) => (await withFactor(second, f, (fields) => logIn(fields)), again(), "");
  const wrong = { unauthorized: t.login_wrong, factor: t.factor_asked, rate_limited: t.too_often };
  return [el("h1", {}, t.account), said, el("div", { class: "two" }, card(el("h2", {}, t.sign_in), form(t, t.sign_in, enter, [mail(t), secret(t), second], { problems: wrong, keep: true }), forgotten(site), config.mfa === "optional" && lost(site, () => site.go("/account?back=1"))), joining(site))];
}

function joining(site) {
  const { t, locale, config } = site;
  const box = card(el("h2", {}, t.sign_up));
  if (config.signup === "closed") return box.append(el("p", {}, t.signup_closed)), box;
  const letter = new URLSearchParams(location.search);
  let given = {};
  const join = async ({ consent, ...f }) => {
    given = { ...f, ...(await call("POST", "/auth/signup", { ...f, locale, consent: consent === "on" })) };
    box.replaceChildren(el("h2", {}, t.confirm_title), el("p", {}, `${t.code_sent} ${f.email}`), form(t, t.confirm, confirm, [code(t)], { problems: { invalid_input: t.code_wrong, gone: t.code_over, not_found: t.code_wrong } }),
      form(t, t.resend, () => call("POST", "/auth/resend", { email: given.email }).then(() => t.code_sent_again), [], { kind: "quiet", problems: { rate_limited: t.too_often } }));
    box.querySelector("input").focus();
    return "";
  };
  const confirm = async (f) => {
    await call("POST", "/auth/confirm", { userId: given.userId, ...f });
    await logIn({ email: given.email, password: given.password });
    again();
    return "";
  };
  const name = field(t.username, { name: "username", pattern: "[a-z0-9_]{3,24}", autocomplete: "username", hint: t.username_hint });
  const agree = el("div", {}, tick(t.consent, { name: "consent", required: true }), link("/privacy", t.privacy));
  const invited = config.signup === "invite" && code(t, { name: "invitation", value: letter.get("invitation"), hint: t.invitation_hint }, t.invitation);
  const wrong = { conflict: t.name_taken, forbidden: t.signup_closed, gone: t.invitation_over, rate_limited: t.too_often };
  box.append(form(t, t.sign_up, join, [mail(t, { value: letter.get("email") }), invited, name, fresh(site), agree].filter(Boolean), { problems: wrong, keep: true }));
  return box;
}

function forgotten(site) {
  const { t } = site;
  let email = "";
  const reset = form(t, t.reset, (f) => call("POST", "/auth/reset", { ...f, email }).then(() => t.password_set), [code(t), fresh(site)], { problems: { invalid_input: t.code_wrong, gone: t.code_over } });
  reset.hidden = true;
  const ask = async (f) => {
    await call("POST", "/auth/forgot", f);
    email = f.email;
    reset.hidden = false;
    return t.code_sent_maybe;
  };
  return el("details", {}, el("summary", {}, t.forgot), form(t, t.send_code, ask, [mail(t)], { problems: { rate_limited: t.too_often } }), reset);
}

async function inside(site) {
  const { t, has } = site;
  const me = await call("GET", "/auth/me");
  const back = new URLSearchParams(location.search).get("back") && !me.totpSince && el("p", { class: "notice good", role: "status" }, t.factor_came_back);
  const part = (id, title, draw) => el("section", { id }, el("h2", {}, title), piece(t, draw));
  return [el("div", { class: "head" }, el("h1", {}, `${t.hello} ${me.username}`), form(t, t.sign_out, async () => (await logOut(), again(), ""), [], { kind: "quiet" })), back,
    has("events") && part("tickets", t.my_tickets, () => tickets(site)), has("shop") && part("orders", t.my_orders, () => orderList(site)),
    has("membership") && el("p", {}, link("/membership", t.my_membership)), has("sponsor-system") && el("p", {}, link("/sponsors", t.my_bookings)),
    el("h2", {}, t.profile), el("div", { class: "two" }, profile(site, me), address(site, me), secondFactor(site, me, again)), el("h2", {}, t.my_data), el("div", { class: "two" }, bundle(site), leaving(site))];
}

function profile({ t, locale }, me) {
  const save = async (f) => (await call("PATCH", "/auth/me", f), t.saved);
  return card(el("h3", {}, t.about_me), facts([[t.email, me.email], [t.status, me.subscription === "premium" ? t.premium : t.free_account]]),
    form(t, t.save, save, [field(t.username, { name: "username", pattern: "[a-z0-9_]{3,24}", value: me.username, hint: t.username_hint }), choice(t.mail_language, "locale", { de: "Deutsch", en: "English" }, me.locale || locale)], { problems: { conflict: t.name_taken }, keep: true }));
}

function address({ t }, me) {
  const prove = form(t, t.confirm, (f) => call("POST", "/auth/confirm", { userId: me.userId, ...f }).then(() => (again(), t.saved)), [code(t)], { problems: { invalid_input: t.code_wrong, gone: t.code_over } });
  prove.hidden = true;
  const ask = async (f) => {
    await call("PATCH", "/auth/me", f);
    prove.hidden = false;
    return `${t.code_sent} ${f.email}`;
  };
  return card(el("h3", {}, t.new_address), form(t, t.send_code, ask, [mail(t)], { problems: { rate_limited: t.too_often } }), prove);
}

function bundle({ t }) {
  const box = el("div", {});
  const ask = async () => {
    const { requestId } = await call("POST", "/auth/me/export");
    const url = await made(requestId);
    box.replaceChildren(link(url, t.download, { class: "button", download: "", target: "_blank", rel: "noopener" }));
    return t.export_ready;
  };
  return card(el("h3", {}, t.export), el("p", {}, t.export_text), form(t, t.export_ask, ask, [], { kind: "quiet", problems: { waiting: t.export_later } }), box);
}

async function made(id) {
  for (let look = 0; look < 30; look += 1) {
    const found = await call("GET", `/auth/me/export/${id}`);
    if (found.status === "done") return found.url;
    await new Promise((next) => setTimeout(next, Math.min(3000, 500 + look * 200)));
  }
  throw Object.assign(new Error(), { code: "waiting" });
}

function leaving(site) {
  const { t } = site;
  const second = factor(t);
  const leave = async (f) => {
    await withFactor(second, f, (fields) => call("DELETE", "/auth/me", fields));
    forget();
    await site.go("/account?gone=1");
    return "";
  };
  return card(el("h3", {}, t.leave), el("p", {}, t.leave_text), el("details", {}, el("summary", { class: "button danger" }, t.leave), form(t, t.leave_now, leave, [secret(t), second, tick(t.leave_sure, { required: true })], { kind: "danger", problems: { unauthorized: t.login_wrong, factor: t.factor_asked }, keep: true })));
}
