// A referral as it is inside the JWE (urn:inbeeld:aanmelding:1), read and shown as text and nothing else.

import { Failure } from "../keys/failure.js";

const SCHEMA = "urn:inbeeld:aanmelding:1";
const PHONE = /^\+[1-9][0-9]{5,14}$/;
const LONGEST = 200;

/** The fields in the opened text; throws Failure "broken" unless it is a referral about this case. */
export function read(text, kenmerk) {
  let given;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Failure("broken");
  }
  if (given?.schema !== SCHEMA || given.kenmerk !== kenmerk) throw new Failure("broken");
  const line = (name, needed = true) => {
    const value = given[name];
    if (value === undefined && !needed) return "";
    if (typeof value !== "string" || value.length > LONGEST) throw new Failure("broken");
    return value;
  };
  const vindplaats = line("vindplaats", false);
  // Who is reached at a place may have no number.
  const first = given.telefoon === undefined && vindplaats ? [] : [given.telefoon];
  const telefoons = [...first, ...(given.overigeTelefoons ?? [])];
  if (telefoons.length > 11 || !telefoons.every((each) => PHONE.test(each))) throw new Failure("broken");
  return {
    naam: line("naam"),
    telefoons,
    proef: given.proef === true,
    ouder: given.telefoonVan === "ouder",
    vindplaats,
    wijk: line("wijk"),
    praktijk: line("praktijk"),
    ontvangen: moment(line("ontvangen")),
    spoed: given.spoed === true,
    contactpersoon: line("contactpersoon", false),
    bellen: line("bellen", false) && `liefst 's ${line("bellen")}s`,
    beltZelfVoor: given.beltZelfVoor === undefined ? "" : moment(line("beltZelfVoor")),
    inschatting: line("inschatting", false).replaceAll("_", " "),
    opmerking: line("opmerking", false),
  };
}

/** The fields in a copy of the page's template; `zone` is the time zone of the moments. */
export function shown(referral, template, zone) {
  const part = template.content.cloneNode(true);
  const digits = new Intl.DateTimeFormat("nl-NL", {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
  });
  // As every page writes a moment: 22-11-2026 14:05.
  const when = (value) => {
    const at = Object.fromEntries(digits.formatToParts(value).map((each) => [each.type, each.value]));
    return `${at.day}-${at.month}-${at.year} ${at.hour}:${at.minute}`;
  };
  for (const place of part.querySelectorAll("[data-veld]")) {
    const value = referral[place.dataset.veld];
    if (place.dataset.veld === "telefoons") place.append(...value.map(link));
    else place.textContent = value instanceof Date ? when(value) : value;
  }
  for (const place of part.querySelectorAll("[data-alleen]")) {
    if (!referral[place.dataset.alleen]) place.remove();
  }
  return part;
}

/** A number of the Netherlands as people here write it; any other as it is. */
export const national = (phone) =>
  phone.replace(/^\+316(\d{8})$/, "06-$1").replace(/^\+31(\d{9})$/, "0$1");

function link(phone) {
  const made = document.createElement("a");
  // It holds a plus and digits only: `read` refuses anything else.
  made.href = `tel:${phone}`;
  made.textContent = national(phone);
  return made;
}

function moment(text) {
  const found = new Date(text);
  if (Number.isNaN(found.getTime())) throw new Failure("broken");
  return found;
}
