// What is asked of the gateway about keys: wraps and public keys, never a secret or a private key.

import { Failure } from "./failure.js";

/** What a refusal of the gateway is called here; anything else that is refused is "changed". */
const REFUSED = {
  "urn:inbeeld:probleem:tekst-weg": "gone",
  "urn:inbeeld:probleem:in-behandeling": "leased",
};

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Failure("network");
  }
  if (response.status === 401) throw new Failure("session");
  if (response.status === 409 || response.status === 404) {
    const { type } = await response.json();
    throw new Failure(REFUSED[type] ?? "changed");
  }
  if (!response.ok) throw new Failure("network");
  return response.json();
}

const JSON_ONLY = { Accept: "application/json" };

/** {gebruiker, eigenaar, paren: [{id, openbaar, gebonden, wikkels: [{soort, inhoud}]}]} for who is logged in. */
export const fetchWraps = () => answer(fetch("/sleutel/wikkels", { headers: JSON_ONLY, cache: "no-store" }));

/** Send a JSON object to one of our own addresses; gives the answer. */
export function post(path, body) {
  const headers = { ...JSON_ONLY, "Content-Type": "application/json" };
  return answer(fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" }));
}
