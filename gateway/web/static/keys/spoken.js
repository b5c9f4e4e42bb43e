// A key's fingerprint as digits to read aloud: eight groups of five, as the safety numbers of Signal are made.
//
// Promises the digits that `gateway/sealing/keyring.py` makes, of a key that is in this browser: what the server
// says of the key counts for nothing here.

import { thumbprint } from "./crypto.js";
import { utf8 } from "./encoding.js";

const GROUPS = 8;
const SIZE = 5;

/** The digits of an owner's key with this thumbprint, with a space between the groups. */
export async function spoken(owner, id) {
  const text = ["inbeeld spoken 1", owner, id].join("\n");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", utf8(text)));
  const groups = [];
  for (let at = 0; at < GROUPS * SIZE; at += SIZE) {
    const number = digest.slice(at, at + SIZE).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(SIZE, "0"));
  }
  return groups.join(" ");
}

/** The thumbprint of an extractable private key, from the key itself. */
export const thumbprintOf = async (privateKey) => thumbprint(await crypto.subtle.exportKey("jwk", privateKey));
