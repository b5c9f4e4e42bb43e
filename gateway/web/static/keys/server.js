// What is asked of the gateway about keys: wraps and public keys, never a secret or a private key.

import { lockEverywhere } from "./everywhere.js";
import { Failure } from "./failure.js";

/** What a refusal of the gateway is called here; anything else that is refused is "changed". */
const REFUSED = {
  "urn:inbeeld:probleem:tekst-weg": "gone",
  "urn:inbeeld:probleem:in-behandeling": "leased",
};

/** The failure of somebody who is not logged in any more: then no tab keeps an open key. */
export function loggedOut() {
  lockEverywhere();
  return new Failure("session");
}

/** So long may an answer take, in milliseconds. */
const PATIENCE = 30_000;

/** The answer; throws Failure, and `lost` when there is none: what was asked may be done all the same. */
async function answer(path, options, lost) {
  let response, body;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    body = await response.json();
  } catch {
    if (response?.status === 401) throw loggedOut();
    throw new Failure(lost);
  }
  if (response.status === 401) throw loggedOut();
  if (response.status === 409 || response.status === 404) throw new Failure(REFUSED[body.type] ?? "changed");
  if (!response.ok) throw new Failure(response.status < 500 ? "network" : lost);
  return body;
}

const JSON_ONLY = { Accept: "application/json" };

/** {gebruiker, eigenaar, paren: [{id, openbaar, gebonden, wikkels: [{soort, inhoud}]}]} for who is logged in. */
export const fetchWraps = () =>
  answer("/sleutel/wikkels", { headers: JSON_ONLY, cache: "no-store" }, "network");

/** Send a JSON object to one of our own addresses; gives the answer, or throws "unsure" when it was lost. */
export function post(path, body) {
  const headers = { ...JSON_ONLY, "Content-Type": "application/json" };
  const options = { method: "POST", headers, body: JSON.stringify(body), redirect: "error" };
  return answer(path, options, "unsure");
}
