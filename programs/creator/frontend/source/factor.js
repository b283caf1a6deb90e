// The second factor: a code from an app, asked for where somebody has switched it on.
import { call } from "./api.js";
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
  const remove = (f) => call("DELETE", "/auth/me/totp", f).then(() => (again(), t.saved));
  const secret = field(t.password, { name: "password", type: "password", autocomplete: "current-password" });
  return card(el("h3", {}, t.factor), el("p", {}, t.factor_on), el("details", {}, el("summary", {}, t.factor_remove), form(t, t.factor_remove, remove, [secret, digits(t.factor_code, "totp")], { problems: { unauthorized: t.factor_wrong }, keep: true })));
}

function switchedOff({ t }, again) {
  const box = card(el("h3", {}, t.factor), el("p", {}, t.factor_off));
  const prove = (f) => call("POST", "/auth/me/totp/confirm", f).then(() => (again(), t.saved));
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
