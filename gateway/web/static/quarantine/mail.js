// Shows a mail that was set aside: asks why, gets the ciphertext, opens it here, shows it as text alone.
//
// Promises that nothing of the mail leaves this page but what the beheerder sends in a form, that every word
// of it is put in place as text, and that it is gone from the page when the key is locked.

import { Failure } from "../keys/failure.js";
import { say, sayWrong } from "../keys/messages.js";
import { post } from "../keys/server.js";
import { unlock } from "../keys/unlock.js";
import { harmless, oneLine } from "./harmless.js";

const keys = document.querySelector("[data-ontgrendelen]");
const form = document.getElementById("bekijken");
const shown = document.getElementById("mail");
const text = document.getElementById("mail-tekst");
const remarks = document.getElementById("mail-opmerkingen");
const selects = document.querySelectorAll("[data-praktijk]");
const sender = document.getElementById("afzender");

/** A sentence of the page, with its {names} filled in. */
function sentence(code, values = {}) {
  const found = document.querySelector(`template[data-zin="${code}"]`).content.textContent.trim();
  return found.replace(/\{([a-z]+)\}/g, (_, name) => values[name]);
}

/** The name of a practice as the page has it, or its id. */
const named = (id) => [...selects[0].options].find(({ value }) => value === id)?.textContent.trim() ?? id;

const field = (name) => shown.querySelector(`[data-veld="${name}"]`);
const put = (name, value) => (field(name).textContent = oneLine(value) || sentence("leeg"));

/** What the worker sealed; throws Failure when it is not of this form or for another case. */
function read(content) {
  let mail;
  try {
    mail = JSON.parse(content);
  } catch {
    throw new Failure("broken");
  }
  const texts = ["subject", "date", "text", "envelope", "address", "practice", "unread"];
  const lists = ["senders", "files", "resembles"];
  const whole =
    mail?.v === 1 &&
    mail.kenmerk === form.dataset.kenmerk &&
    texts.every((name) => typeof mail[name] === "string") &&
    lists.every((name) => Array.isArray(mail[name]));
  if (!whole) throw new Failure("broken");
  return mail;
}

function remarksOn(mail) {
  const said = [];
  if (mail.unread) said.push(sentence(mail.unread === "encrypted" ? "encrypted" : "unread"));
  if (mail.practice) said.push(sentence("praktijk", { praktijk: named(mail.practice) }));
  else if (!mail.address) said.push(sentence("geen-afzender"));
  else if (!mail.resembles.length) said.push(sentence("onbekend"));
  for (const id of mail.resembles) said.push(sentence("lijkt", { praktijk: named(String(id)) }));
  if (mail.cut) said.push(sentence("ingekort"));
  return said;
}

const sized = (bytes) => Math.max(1, Math.round(Number(bytes) / 1024));

const described = ({ name, type, size }) =>
  sentence("bestand", {
    naam: oneLine(String(name)) || sentence("naamloos"),
    soort: oneLine(String(type)),
    grootte: sized(size),
  });

function list(items) {
  return items.map((item) => {
    const line = document.createElement("li");
    line.textContent = item;
    return line;
  });
}

function show(mail) {
  put("senders", mail.senders.map(String).join(", "));
  put("envelope", mail.envelope);
  put("subject", mail.subject);
  const date = new Date(mail.date);
  put("date", Number.isNaN(date.getTime()) ? "" : date.toLocaleString(document.documentElement.lang));
  const files = document.createElement("ul");
  files.append(...list(mail.files.map(described)));
  if (mail.files.length) field("files").replaceChildren(files);
  else field("files").textContent = sentence("leeg");
  text.textContent = harmless(mail.text) || sentence("leeg");
  remarks.replaceChildren(...list(remarksOn(mail)));
  for (const select of selects) {
    // A sender who only resembles a practice, or one that is not configured any more, leaves the choice open.
    if (!select.value) select.value = mail.practice;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }
  if (!sender.value) sender.value = mail.address;
  form.hidden = true;
  shown.hidden = false;
  shown.querySelector("h3").focus();
}

function clear() {
  for (const place of shown.querySelectorAll("[data-veld]")) place.textContent = "";
  text.textContent = "";
  remarks.replaceChildren();
  shown.hidden = true;
  form.hidden = true;
  sender.value = "";
}

let keyring = null;

async function ready() {
  keyring = await unlock(keys);
  form.reset();
  form.hidden = false;
  form.querySelector("input").focus();
  await keyring.locked;
  keyring = null;
  clear();
  ready();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const reden = new FormData(form).get("reden");
  button.disabled = true;
  say(form, null);
  const ring = keyring;
  try {
    const { jwe } = await post(`/quarantaine/${form.dataset.pad}/openen`, { reden });
    const mail = read(await ring.decrypt(jwe));
    // The key may have been locked while we waited.
    if (ring.isLocked) throw new Failure("locked");
    show(mail);
  } catch (error) {
    sayWrong(form, error);
  } finally {
    button.disabled = false;
  }
});

ready();
