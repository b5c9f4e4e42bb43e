// A short text that colleagues with the same mailbox key share, sealed in the browser for that key.
//
// Promises that only a holder of the private key seals and opens, that a text belongs to one case, and that its
// ciphertext says nothing of its length. The key is agreed between the pair and itself (ECDH with its own public
// point, then HKDF): who has no private key can compute nothing of it.

import { thumbprint } from "./crypto.js";
import { fromBase64url, toBase64url, utf8 } from "./encoding.js";
import { Failure } from "./failure.js";

/** So many bytes are sealed, however short the text is. */
const SIZE = 192;
const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** The ciphertext of a text about a case, for the server; `pair` is {id, privateKey, publicJwk}. */
export async function sealLabel(text, kenmerk, pair) {
  const bytes = utf8(text);
  if (bytes.length > SIZE) throw new Failure("large");
  const padded = new Uint8Array(SIZE);
  padded.set(bytes);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: utf8(kenmerk) };
  const sealed = await crypto.subtle.encrypt(how, await labelKey(pair), padded);
  return { sleutel: pair.id, iv: toBase64url(iv), tekst: toBase64url(sealed) };
}

/** The text again; throws Failure "foreign". */
export async function openLabel({ iv, tekst }, kenmerk, pair) {
  try {
    const how = { name: "AES-GCM", iv: fromBase64url(iv), additionalData: utf8(kenmerk) };
    const plain = await crypto.subtle.decrypt(how, await labelKey(pair), fromBase64url(tekst));
    const end = new Uint8Array(plain).indexOf(0);
    return new TextDecoder("utf-8", { fatal: true }).decode(end < 0 ? plain : plain.slice(0, end));
  } catch {
    throw new Failure("foreign");
  }
}

async function labelKey({ id, privateKey, publicJwk }) {
  // The point comes from the server: a point of its own would let it compute the key too.
  if ((await thumbprint(publicJwk)) !== id) throw new Failure("foreign");
  const { kty, crv, x, y } = publicJwk;
  const point = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: point }, privateKey, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("inbeeld label 1") };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
