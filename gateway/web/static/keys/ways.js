// What can be done with the key of a mailbox, each way as one function: it asks the gateway for wraps, works
// on them here, and sends public keys and wraps back. It gives what must be shown once: codes to keep.
//
// Promises that a passphrase, a code and a private key are arguments and results of this module only: what
// goes to `post` is made of thumbprints, public JWKs and wraps.

import { decrypt, makePair, unwrap, wrap } from "./crypto.js";
import { Failure } from "./failure.js";
import { checkCode, mustBeStrong, newCode } from "./secrets.js";
import { fetchWraps, post } from "./server.js";
import { openAll } from "./unlock.js";

/** Make the first pair, or one that replaces `newest`; gives [{kind, value}] to keep. */
export async function make(passphrase, newest) {
  mustBeStrong(passphrase);
  return makeFor(await fetchWraps(), passphrase, newest);
}

/** A colleague comes in with the code they were given; or somebody who lost their passphrase. */
export async function join(code, passphrase) {
  await checkCode(code);
  mustBeStrong(passphrase);
  await rewrap(code, passphrase, "handing");
}

/** Somebody comes in with the printed recovery key. */
export async function recover(code, passphrase) {
  await checkCode(code);
  mustBeStrong(passphrase);
  await rewrap(code, passphrase, "recovery");
}

/** Change one's own passphrase. */
export async function change(current, passphrase) {
  mustBeStrong(passphrase);
  const { gebruiker } = await fetchWraps();
  await keep(await openAll(current, true), passphrase, "passphrase", gebruiker);
}

/** A new recovery key for every pair that one's own passphrase opens. */
export async function renewRecovery(current) {
  const { eigenaar } = await fetchWraps();
  const code = await newCode();
  await keep(await openAll(current, true), code, "recovery", eigenaar);
  return [{ kind: "herstelsleutel", value: code }];
}

/** A code with which one colleague, {id, name}, gets every pair that one's own passphrase opens. */
export async function hand(current, colleague) {
  return [await handTo(await openAll(current, true), colleague)];
}

/** A new pair beside the old ones, a recovery key that opens all, and a code for each colleague. */
export async function rotate(current, newest, colleagues) {
  const before = await openAll(current, true);
  const kept = await makeFor(await fetchWraps(), current, newest);
  const all = await openAll(current, true);
  const { value } = kept.find(({ kind }) => kind === "herstelsleutel");
  const { eigenaar } = await fetchWraps();
  await keep(before, value, "recovery", eigenaar);
  for (const colleague of colleagues) kept.push(await handTo(all, colleague));
  return kept;
}

async function makeFor({ gebruiker, eigenaar }, passphrase, newest) {
  const { privateKey, publicJwk, thumbprint: pair } = await makePair();
  const code = await newCode();
  const own = await wrap(privateKey, passphrase, { pair, kind: "passphrase", user: gebruiker });
  const printed = await wrap(privateKey, code, { pair, kind: "recovery", user: eigenaar });
  const wikkels = [
    { soort: "passphrase", inhoud: own },
    { soort: "recovery", inhoud: printed },
  ];
  const replaces = newest ? { vervangt: newest } : {};
  await post("/sleutel/paren", { id: pair, openbaar: publicJwk, wikkels, ...replaces });
  return [
    { kind: "herstelsleutel", value: code },
    { kind: "vingerafdruk", value: pair.match(/.{1,4}/g).join(" ") },
  ];
}

async function rewrap(code, passphrase, kind) {
  const { gebruiker, eigenaar, paren } = await fetchWraps();
  const opened = [];
  for (const { id, wikkels } of paren) {
    const wrapped = wikkels.find(({ soort }) => soort === kind);
    if (!wrapped) continue;
    const user = kind === "recovery" ? eigenaar : gebruiker;
    try {
      opened.push([id, await unwrap(wrapped.inhoud, code, { pair: id, kind, user }, true)]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  if (!opened.length) throw new Failure("secret");
  await keep(opened, passphrase, "passphrase", gebruiker);
}

async function handTo(opened, { id, name }) {
  const code = await newCode();
  await keep(opened, code, "handing", id, { voor: id });
  return { kind: "eenmalige-code", value: code, name };
}

async function keep(opened, secret, kind, user, more = {}) {
  const asked = new Map((await fetchWraps()).paren.map(({ id, proef }) => [id, proef]));
  const paren = [];
  for (const [pair, privateKey] of opened) {
    const bewijs = await proven(asked.get(pair), privateKey);
    const inhoud = await wrap(privateKey, secret, { pair, kind, user });
    paren.push({ paar: pair, bewijs, wikkels: [{ soort: kind, inhoud, ...more }] });
  }
  await post("/sleutel/wikkels", { paren });
}

/** The answer that shows that this is the private key of a pair: so nobody is handed a key that is none. */
async function proven(proef, privateKey) {
  const answer = await decrypt(proef, privateKey);
  // Only an answer is ever said back: a referral that was laid here instead stays where it is.
  if (!/^[0-9a-f]{64}$/.test(answer)) throw new Failure("broken");
  return answer;
}
