// What can be done with the key of a mailbox, each way as one function: it asks the gateway for wraps, works
// on them here, and sends public keys and wraps back. It gives what must be shown once: codes to keep.
//
// Promises that a passphrase, a code and a private key are arguments and results of this module only: what
// goes to `post` is made of thumbprints, public JWKs and wraps. And that a code which may count is always
// given back, in a `Halfway` when the gateway did not say that it kept it.

import { decrypt, makePair, unwrap, wrap } from "./crypto.js";
import { Failure, Halfway } from "./failure.js";
import { checkCode, mustBeStrong, newCode, tidy } from "./secrets.js";
import { spoken, thumbprintOf } from "./spoken.js";
import { fetchWraps, post } from "./server.js";
import { openAll } from "./unlock.js";

/** Make the first pair, or one that replaces `newest`; gives [{kind, value}] to keep. */
export async function make(passphrase, newest) {
  mustBeStrong(passphrase);
  const { made } = await makeFor(await fetchWraps(), passphrase, newest);
  return made;
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
  await keep(await openAll(current, true), [{ kind: "passphrase", secret: passphrase, user: gebruiker }]);
}

/** A new recovery key for every pair that one's own passphrase opens. */
export async function renewRecovery(current) {
  const { eigenaar } = await fetchWraps();
  const before = await openAll(current, true);
  const code = await newCode();
  const made = [{ kind: "herstelsleutel", value: code }];
  await surely(made, keep(before, [{ kind: "recovery", secret: code, user: eigenaar }]));
  return made;
}

/** The digits of the pair `newest`, made of the private key that one's own passphrase opens. */
export async function readAloud(current, newest) {
  const { eigenaar } = await fetchWraps();
  const [, privateKey] = (await openAll(current, true)).find(([id]) => id === newest) ?? [];
  if (!privateKey) throw new Failure("none");
  const id = await thumbprintOf(privateKey);
  // The server named another key by this name: then its page can't be believed either.
  if (id !== newest) throw new Failure("broken");
  return [{ kind: "cijfers", digits: await spoken(eigenaar, id) }];
}

/** A code with which one colleague, {id, name}, gets every pair that one's own passphrase opens. */
export async function hand(current, colleague) {
  const before = await openAll(current, true);
  const made = [await codeFor(colleague)];
  await surely(made, handTo(before, made[0], colleague));
  return made;
}

/**
 * A new pair beside the old ones, with a passphrase and a recovery key that open all, and a code for each
 * colleague: the passphrase of before may be known to others.
 */
export async function rotate(current, passphrase, newest, colleagues) {
  mustBeStrong(passphrase);
  if (tidy(passphrase) === tidy(current)) throw new Failure("same");
  const before = await openAll(current, true);
  const who = await fetchWraps();
  const { made, code, opened } = await makeFor(who, passphrase, newest);
  // From here on there is a new pair, so whatever goes wrong, what was made must be shown.
  const secrets = [
    { kind: "passphrase", secret: passphrase, user: who.gebruiker },
    { kind: "recovery", secret: code, user: who.eigenaar },
  ];
  await halfway(made, keep(before, secrets));
  for (const colleague of colleagues) {
    made.push(await codeFor(colleague));
    await halfway(made, handTo([...before, opened], made.at(-1), colleague));
  }
  return made;
}

/** Wait for what is sent; throws `Halfway` with what was made when its answer was lost. */
async function surely(made, sending) {
  try {
    await sending;
  } catch (error) {
    throw error instanceof Failure && error.code === "unsure" ? new Halfway(made) : error;
  }
}

/** The same where something was kept before it: then nothing that goes wrong may hide what was made. */
async function halfway(made, sending) {
  try {
    await sending;
  } catch (error) {
    if (!(error instanceof Failure)) reportError(error);
    throw new Halfway(made);
  }
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
  const made = [
    { kind: "herstelsleutel", value: code },
    { kind: "vingerafdruk", value: pair.match(/.{1,4}/g).join(" "), digits: await spoken(eigenaar, pair) },
  ];
  await surely(made, post("/sleutel/paren", { id: pair, openbaar: publicJwk, wikkels, ...replaces }));
  return { made, code, opened: [pair, privateKey] };
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
  await keep(opened, [{ kind: "passphrase", secret: passphrase, user: gebruiker }]);
}

const codeFor = async ({ name }) => ({ kind: "eenmalige-code", value: await newCode(), name });

const handTo = (opened, { value }, { id }) =>
  keep(opened, [{ kind: "handing", secret: value, user: id, more: { voor: id } }]);

/** Wrap every opened pair for each of some secrets, {kind, secret, user}, and have all kept or none. */
async function keep(opened, secrets) {
  const asked = new Map((await fetchWraps()).paren.map(({ id, proef }) => [id, proef]));
  const paren = [];
  for (const [pair, privateKey] of opened) {
    const bewijs = await proven(asked.get(pair), privateKey);
    const wikkels = [];
    for (const { kind, secret, user, more } of secrets) {
      wikkels.push({ soort: kind, inhoud: await wrap(privateKey, secret, { pair, kind, user }), ...more });
    }
    paren.push({ paar: pair, bewijs, wikkels });
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
