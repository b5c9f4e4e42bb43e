// The page /postvak: the list, one opened referral, and what is reported, all in one document.
//
// Promises that the text of a referral is only ever in the element #tekst, and that it goes from there when the
// key is locked, when another referral is chosen, and when the gateway says that it is gone.

import { Failure } from "../keys/failure.js";
import { say, sayWrong } from "../keys/messages.js";
import { post } from "../keys/server.js";
import { unlock } from "../keys/unlock.js";
import { copy, keepLabel, showLabels } from "./label.js";
import { load } from "./load.js";
import { read, shown } from "./referral.js";

const page = document.getElementById("postvak");
const unlocking = page.querySelector("[data-ontgrendelen]");
const here = (id) => document.getElementById(id);
let keyring = null;
let wanted = false;
let chosen = null;
const waiting = [];

page.addEventListener("click", clicked);
page.addEventListener("submit", submitted);
addEventListener("popstate", () => go(location.pathname + location.search));
page.dataset.klaar = "ja";
offer();
keepUnlocking();

/** Ask the passphrase, and again whenever the key was locked. */
async function keepUnlocking() {
  for (;;) {
    keyring = await unlock(unlocking);
    await showLabels(page, keyring);
    if (wanted) attempt(open);
    await keyring.locked;
    keyring = null;
    await showLabels(page, null);
    const shows = here("tekst")?.hasChildNodes();
    forgetText();
    if (shows) say(here("aanmelding"), "op-slot");
  }
}

function clicked(event) {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const kenmerk = event.target.closest("[data-kopieer]");
  if (event.target.closest("[data-lezen]")) attempt(open);
  else if (kenmerk) attempt(() => copy(kenmerk, here("aanmelding")));
  else if (event.target.closest("[data-afdrukken]")) print();
  else if (plain && link?.matches("[data-aanmelding], [data-terug]")) {
    event.preventDefault();
    history.pushState(null, "", link.pathname + link.search);
    go(link.pathname + link.search);
  } else if (plain && link?.matches("[data-niet]")) {
    event.preventDefault();
    attempt(async () => {
      takeOver(await load(link.pathname + link.search));
      here("aanmelding-kop").focus();
    });
  }
}

function submitted(event) {
  const form = event.target;
  if (form.matches("[data-labelen]")) {
    event.preventDefault();
    attempt(() => label(form));
    return;
  }
  if (!form.matches("[data-melden]")) return;
  event.preventDefault();
  // Pressed twice is meant once; what is pressed while the page is busy has its turn.
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const { submitter } = event;
  attempt(async () => {
    try {
      // Read only now: what goes on may be the opening, which moves the case on.
      takeOver(await load(form.getAttribute("action"), new FormData(form, submitter)));
    } finally {
      form.removeAttribute("aria-busy");
    }
    const { kenmerk } = here("aanmelding").dataset;
    // Somebody may have gone on meanwhile: the address says again what is shown.
    if (location.pathname !== `/postvak/${kenmerk}`) {
      history.pushState(null, "", `/postvak/${kenmerk}${location.search}`);
    }
    (here("zeker-kop") ?? here("aanmelding-kop")).focus();
  });
}

/** Keep the label in the form, and show it wherever it stands. */
async function label(form) {
  const kept = await keepLabel(form, keyring);
  for (const place of page.querySelectorAll(`[data-label][data-van="${form.dataset.labelen}"]`)) {
    place.dataset.label = kept;
  }
  await showLabels(page, keyring);
  say(here("aanmelding"), kept ? "label-bewaard" : "label-weg");
}

/** Show the list, or one case with the list: of what is chosen while the page is busy the last. */
function go(path) {
  chosen = path;
  attempt(() => (chosen === path ? visit(path) : null));
}

async function visit(path) {
  const before = here("aanmelding").dataset.kenmerk;
  const found = await load(path);
  forgetText();
  takeOver(found);
  const section = here("aanmelding");
  if (section.hidden) {
    (page.querySelector(`[data-aanmelding="${before}"]`) ?? here("postvak-kop")).focus();
    return;
  }
  here("aanmelding-kop").focus();
  if (keyring && section.dataset.leesbaar === "ja") await open();
}

/** Fetch the ciphertext of the case that is shown, open it here, and show it. */
async function open() {
  const section = here("aanmelding");
  const { kenmerk } = section.dataset;
  const ring = keyring;
  wanted = !ring;
  if (wanted) {
    say(section, "eerst-slot");
    unlocking.querySelector("input").focus();
    return;
  }
  say(section, "openen");
  try {
    // What is asked for counts as collected, so that nobody looks after it any more: not by who can't read it.
    const { sleutel } = section.dataset;
    if (sleutel && !ring.has(sleutel)) throw new Failure("other");
    const { jwe } = await post(`/postvak/${kenmerk}/openen`, {});
    const referral = read(await ring.decrypt(jwe), kenmerk);
    // Meanwhile another case may stand here, in an element of its own, or the key may have been locked.
    if (here("aanmelding") !== section) return;
    if (ring.isLocked) throw new Failure("locked");
    here("tekst").replaceChildren(shown(referral, here("tekst-sjabloon"), page.dataset.tijdzone));
    offer();
    say(section, "geopend");
    here("aanmelding-kop").focus();
    await refresh(kenmerk);
  } catch (error) {
    sayWrong(section, error);
  }
}

/** The list says from now on who opened it, and the case that it was; what is reported is so after that. */
async function refresh(kenmerk) {
  replace("lijst", await load(`/postvak${location.search}`));
  await showLabels(page, keyring);
  const link = page.querySelector(`[data-aanmelding="${kenmerk}"]`);
  const line = link?.closest("li");
  for (const field of here("melden").querySelectorAll("[name=versie]")) {
    if (link) field.value = link.dataset.versie;
  }
  line?.classList.add("line-open");
  const state = here("feiten").querySelector("[data-stand]");
  if (line && state) state.textContent = line.querySelector("[data-stand]").textContent;
}

/** Put what the gateway answered in the place of what is here; an opened text stays while it may. */
function takeOver(found) {
  replace("lijst", found);
  const [old, fresh] = [here("aanmelding"), found.getElementById("aanmelding")];
  const same = fresh.dataset.kenmerk && fresh.dataset.kenmerk === old.dataset.kenmerk;
  if (same) {
    for (const id of ["feiten", "melden"]) replace(id, found);
    for (const name of ["leesbaar", "sleutel"]) old.dataset[name] = fresh.dataset[name];
    if (old.dataset.leesbaar !== "ja") forgetText();
  } else replace("aanmelding", found);
  const section = here("aanmelding");
  page.classList.toggle("two", !section.hidden);
  tell(section, found.getElementById("bericht"));
  offer();
  showLabels(page, keyring);
}

/** What the gateway said, where it is looked for: an element that was there before is read aloud. */
function tell(section, { hidden, textContent }) {
  const general = here("bericht");
  const place = section.hidden ? general : section.querySelector("[data-melding]");
  general.hidden = true;
  place.textContent = textContent.trim();
  place.hidden = hidden;
}

function replace(id, found) {
  here(id).replaceWith(document.adoptNode(found.getElementById(id)));
}

function forgetText() {
  here("tekst")?.replaceChildren();
  offer();
}

/** The button that opens is there when there is something to open that is not open. */
function offer() {
  const button = page.querySelector("[data-lezen]");
  if (button) {
    button.hidden = here("aanmelding").dataset.leesbaar !== "ja" || here("tekst").hasChildNodes();
  }
}

/** Do something with the gateway, one thing after the other; what goes wrong is told where people look. */
async function attempt(work) {
  if (page.hasAttribute("aria-busy")) {
    waiting.push(work);
    return;
  }
  page.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    const section = here("aanmelding");
    sayWrong(section.hidden ? unlocking : section, error);
  } finally {
    page.removeAttribute("aria-busy");
    if (waiting.length) attempt(waiting.shift());
  }
}
