// The page /sleutel: its forms, and what they show once. The work itself is in ways.js.

import { Failure, Halfway } from "./failure.js";
import { say, sayWrong } from "./messages.js";
import { newPassphrase } from "./secrets.js";
import * as ways from "./ways.js";

const page = document.getElementById("sleutel");
const secrets = document.getElementById("geheim");
const newest = page.dataset.nieuwste;

const WORK = {
  maken: ({ wachtzin }) => ways.make(wachtzin, newest),
  meedoen: ({ code, wachtzin }) => ways.join(code, wachtzin),
  herstellen: ({ code, wachtzin }) => ways.recover(code, wachtzin),
  veranderen: ({ huidige, wachtzin }) => ways.change(huidige, wachtzin),
  herstelsleutel: ({ huidige }) => ways.renewRecovery(huidige),
  voorlezen: ({ huidige }) => ways.readAloud(huidige, newest),
  geven: ({ huidige }, form) => ways.hand(huidige, chosen(form)),
  wisselen: ({ huidige, wachtzin }) => ways.rotate(huidige, wachtzin, newest, withKey()),
};

for (const form of page.querySelectorAll("form[data-werk]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!page.hasAttribute("aria-busy")) run(form);
  });
  form.querySelector("[data-maak]")?.addEventListener("click", () => fill(form));
  // Before this line a button would have sent the form to the server, which has nothing to do with it.
  form.hidden = false;
}

secrets.querySelector("[data-afdrukken]").addEventListener("click", () => print());
secrets.querySelector("[data-klaar]").addEventListener("click", () => location.reload());

async function run(form) {
  const given = {};
  const typed = form.querySelectorAll("input[data-veld]");
  for (const { dataset, value } of typed) given[dataset.veld] = value;
  page.setAttribute("aria-busy", "true");
  say(page, "werk");
  try {
    if ("nogmaals" in given && given.nogmaals !== given.wachtzin) throw new Failure("unequal");
    const made = await WORK[form.dataset.werk](given, form);
    forget(form);
    if (made) show(made);
    else location.assign("/sleutel?gelukt");
  } catch (error) {
    if (error instanceof Halfway) {
      forget(form);
      show(error.made);
    }
    sayWrong(page, error);
    page.querySelector("[data-melding]").scrollIntoView({ block: "nearest" });
  } finally {
    page.removeAttribute("aria-busy");
  }
}

/** Take what was typed, and a passphrase that was made, off the page. */
function forget(form) {
  for (const field of form.querySelectorAll("input[data-veld]")) field.value = "";
  form.querySelector("[data-gemaakt] output")?.replaceChildren();
}

/** Put a made passphrase in both fields, and show it to be written down. */
function fill(form) {
  const made = newPassphrase();
  for (const name of ["wachtzin", "nogmaals"]) form.querySelector(`[data-veld=${name}]`).value = made;
  const place = form.querySelector("[data-gemaakt]");
  place.querySelector("output").textContent = made;
  place.hidden = false;
}

/** What is seen once, in place of the forms. */
function show(made) {
  say(page, null);
  const list = secrets.querySelector("[data-geheimen]");
  list.replaceChildren();
  for (const { kind, value, digits, name } of made) {
    const part = document.getElementById(kind).content.cloneNode(true);
    if (value) part.querySelector("[data-waarde]").textContent = value;
    if (digits) part.querySelector("[data-cijfers]").textContent = digits;
    if (name) part.querySelector("[data-voor]").textContent = name;
    list.append(part);
  }
  for (const section of page.querySelectorAll("section")) section.hidden = section !== secrets;
  secrets.querySelector("h2").focus();
}

const chosen = (form) => {
  const option = form.querySelector("select").selectedOptions[0];
  return { id: option.value, name: option.textContent };
};

const withKey = () =>
  [...page.querySelectorAll("option[data-heeft=ja]")].map(({ value, textContent }) => ({
    id: value,
    name: textContent,
  }));
