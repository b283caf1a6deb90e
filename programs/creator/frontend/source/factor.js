// The second factor: a code from an app, asked for where somebody has switched it on.
import { call, logIn } from "./api.js";
import { form } from "./form.js";
import { card, el, facts, field, link } from "./parts.js";

const digits = (label, name, more) => field(label, { name, inputmode: "numeric", pattern: "[0-9]{6}", maxlength: 6, autocomplete: "one-time-code", ...more });

// A field that shows itself when the API asks for the code, and what sends a form that has it.
export function factor(t) {
  const box = digits(t.factor_code, "totp", { required: false, hint: t.factor_hint });
  box.hidden = true;
  return box;
}

export async function withFactor(box, { totp, ...fields }, send) {
  try {
    return await send(totp ? { ...fields, totp } : fields);
  } catch (problem) {
    if (problem.field === "totp") {
      box.hidden = false;
      problem.code = "factor";
    }
    throw problem;
  }
}

export function secondFactor(site, me, again) {
  if (me.totpSince) return switchedOn(site, again);
  return site.config.mfa === "optional" && switchedOff(site, again);
}

function switchedOn({ t }, again) {
  const box = card(el("h3", {}, t.factor), el("p", {}, t.factor_on));
  const both = () => [field(t.password, { name: "password", type: "password", autocomplete: "current-password" }), digits(t.factor_code, "totp")];
  const known = { problems: { unauthorized: t.factor_wrong }, keep: true };
  const renew = (f) => call("POST", "/auth/me/totp/recovery", f).then(({ recovery }) => paper(t, box, t.factor_paper_new, recovery, again));
  const remove = (f) => call("DELETE", "/auth/me/totp", f).then(() => (again(), t.saved));
  box.append(el("details", {}, el("summary", {}, t.factor_renew), el("p", {}, t.factor_renew_text), form(t, t.factor_renew, renew, both(), known)),
    el("details", {}, el("summary", {}, t.factor_remove), form(t, t.factor_remove, remove, both(), known)));
  return box;
}

// The only moment at which the code can be read.
function paper(t, box, text, recovery, again) {
  box.replaceChildren(el("h3", {}, t.factor), el("p", {}, text), facts([[t.factor_paper_label, el("code", {}, recovery)]]), el("button", { type: "button", onclick: again }, t.factor_kept));
  box.querySelector("button").focus();
  return "";
}

function switchedOff({ t }, again) {
  const box = card(el("h3", {}, t.factor), el("p", {}, t.factor_off));
  const prove = (f) => call("POST", "/auth/me/totp/confirm", f).then(({ recovery }) => paper(t, box, t.factor_paper, recovery, again));
  const begin = async () => {
    const { secret, address } = await call("POST", "/auth/me/totp");
    box.replaceChildren(el("h3", {}, t.factor), el("p", {}, t.factor_add), facts([[t.factor_secret, el("code", {}, secret)]]), el("p", {}, link(address, t.factor_open)),
      form(t, t.confirm, prove, [digits(t.factor_code, "code")], { problems: { invalid_input: t.code_wrong } }));
    box.querySelector("input").focus();
    return "";
  };
  box.append(form(t, t.factor_begin, begin, [], { kind: "quiet" }));
  return box;
}

// For who stands outside without the device: the code on paper takes the factor away.
export function lost(site, back) {
  const { t } = site;
  const enter = (f) => logIn(f, "/auth/recover").then(() => (back(), ""));
  const fields = [field(t.email, { name: "email", type: "email", autocomplete: "email" }), field(t.password, { name: "password", type: "password", autocomplete: "current-password" }), field(t.factor_paper_label, { name: "recovery", maxlength: 40, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })];
  return el("details", {}, el("summary", {}, t.factor_lost), el("p", {}, t.factor_lost_text), form(t, t.recover, enter, fields, { problems: { unauthorized: t.recover_wrong, not_found: t.recover_wrong, rate_limited: t.too_often }, keep: true }), el("p", { class: "soft" }, t.factor_lost_both));
}
