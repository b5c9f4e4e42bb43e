// Secrets that the browser makes: codes to print or to tell (130 bits), and a passphrase to remember (75 bits).
// Promises that every one comes from the system's own randomness, and that a code betrays a typing error.

import { utf8 } from "./encoding.js";
import { Failure } from "./failure.js";

/** Crockford's base32: no I, L, O or U, which are misread. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 26;
const CONSONANTS = "bdfghjklmnprstvwz";
const VOWELS = "aeiou";
const WORDS = 6;
export const SHORTEST = 14;

/** A number below `below`, each as likely as the other. */
function random(below) {
  const limit = 256 - (256 % below);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while (byte[0] >= limit);
  return byte[0] % below;
}

/** A new code: seven groups of four letters, of which the last two check the others. */
export async function newCode() {
  let letters = "";
  for (let at = 0; at < LENGTH; at += 1) letters += LETTERS[random(32)];
  return (letters + (await check(letters))).match(/.{4}/g).join("-");
}

/** The letters of a code as somebody typed it. */
export const bareCode = (typed) =>
  typed.toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1").replace(/[^0-9A-Z]/g, "").slice(0, LENGTH);

/** Throws Failure "code" when a code was mistyped: before half a second of work is spent on it. */
export async function checkCode(typed) {
  const letters = typed.toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1").replace(/[^0-9A-Z]/g, "");
  const right = letters.length === LENGTH + 2 && letters.slice(LENGTH) === (await check(bareCode(typed)));
  if (!right) throw new Failure("code");
}

/** Two letters of a digest. */
async function check(letters) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(`inbeeld code ${letters}`)));
  return LETTERS[digest[0] % 32] + LETTERS[digest[1] % 32];
}

/** Six invented words that can be said aloud. */
export function newPassphrase() {
  const syllable = () => CONSONANTS[random(CONSONANTS.length)] + VOWELS[random(VOWELS.length)];
  return Array.from({ length: WORDS }, () => syllable() + syllable()).join("-");
}

/** A passphrase as it is meant: keyboards differ in how they write an accent or a space. */
export const tidy = (passphrase) => passphrase.normalize("NFKC").trim().replace(/\s+/gu, " ");

/** Throws Failure "weak" for a passphrase that is too short or hardly varied. */
export function mustBeStrong(passphrase) {
  const letters = tidy(passphrase);
  if ([...letters].length < SHORTEST || new Set(letters).size < 7) throw new Failure("weak");
}
