// The mailbox key in the browser: making the pair, wrapping its private part, opening and verifying a referral.
//
// Promises that a private key leaves this module only as a CryptoKey, that wrapped bytes open only with the
// same secret for the same pair, kind and user, that a JWE opens only with the two algorithms we use, and that
// what is in it counts only with a signature of the gateway for that very key.
// Nothing here knows of a document; everything is WebCrypto (https://www.w3.org/TR/WebCryptoAPI/).

import { fromBase64url, joined, toBase64url, uint32, utf8 } from "./encoding.js";
import { Failure } from "./failure.js";
import { bareCode, tidy } from "./secrets.js";

export { newCode } from "./secrets.js";

/** How often the passphrase is hashed; the server refuses wraps with less than 600,000. */
export const ITERATIONS = 1_000_000;
const MOST_ITERATIONS = 10_000_000;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const ALG = "ECDH-ES+A256KW";
const ENC = "A256GCM";
/** The gateway seals no more than 48 kB; this is that in base64url twice (JWS in JWE), with the headers. */
const LONGEST_JWE = 100_000;

/** A new pair: the private key (extractable, so that it can be wrapped), the public JWK, its thumbprint. */
export async function makePair() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const publicJwk = { kty, crv, x, y };
  return { privateKey, publicJwk, thumbprint: await thumbprint(publicJwk) };
}

/** The SHA-256 thumbprint of a public JWK (RFC 7638). */
export async function thumbprint({ crv, kty, x, y }) {
  const canonical = JSON.stringify({ crv, kty, x, y });
  return toBase64url(await crypto.subtle.digest("SHA-256", utf8(canonical)));
}

/**
 * The private key as ciphertext that only `secret` opens, bound to {pair, kind, user}.
 * `kind` is passphrase, recovery or handing; `user` whose it is (for recovery the owner of the pair).
 */
export async function wrap(privateKey, secret, binding, iterations = ITERATIONS) {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await wrappingKey(secret, binding.kind, salt, iterations, "wrapKey");
  const how = { name: "AES-GCM", iv, additionalData: bound(binding) };
  const ciphertext = await crypto.subtle.wrapKey("pkcs8", privateKey, key, how);
  return {
    v: 1,
    kdf: "PBKDF2-SHA-256",
    iterations,
    salt: toBase64url(salt),
    iv: toBase64url(iv),
    ciphertext: toBase64url(ciphertext),
  };
}

/** The private key again. It can't leave memory unless `extractable`; throws Failure "secret" or "broken". */
export async function unwrap(wrapped, secret, binding, extractable = false) {
  let salt, iv, ciphertext;
  try {
    [salt, iv, ciphertext] = [wrapped.salt, wrapped.iv, wrapped.ciphertext].map(fromBase64url);
  } catch {
    throw new Failure("broken");
  }
  const { v, kdf, iterations } = wrapped;
  const counted = Number.isInteger(iterations) && iterations > 0 && iterations <= MOST_ITERATIONS;
  if (v !== 1 || kdf !== "PBKDF2-SHA-256" || !counted) throw new Failure("broken");
  const key = await wrappingKey(secret, binding.kind, salt, iterations, "unwrapKey");
  const how = { name: "AES-GCM", iv, additionalData: bound(binding) };
  try {
    return await crypto.subtle.unwrapKey("pkcs8", ciphertext, key, how, CURVE, extractable, ["deriveBits"]);
  } catch {
    throw new Failure("secret");
  }
}

/** The thumbprint of the key that a JWE in compact serialisation says it is for; throws Failure. */
export const keyOf = (jwe) => parsed(jwe).header.kid;

/** The text in a JWE (RFC 7516), opened with a private key; throws Failure "large", "broken" or "foreign". */
export async function decrypt(jwe, privateKey) {
  const { header, parts, pieces } = parsed(jwe);
  const [encryptedKey, iv, ciphertext, tag] = pieces;
  try {
    const from = await crypto.subtle.importKey("jwk", ephemeral(header.epk), CURVE, false, []);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: from }, privateKey, 256);
    const kek = await crypto.subtle.importKey("raw", await concatKdf(shared, header), "AES-KW", false, [
      "unwrapKey",
    ]);
    const content = await crypto.subtle.unwrapKey(
      "raw",
      encryptedKey,
      kek,
      "AES-KW",
      "AES-GCM",
      false,
      ["decrypt"],
    );
    const how = { name: "AES-GCM", iv, additionalData: utf8(parts[0]) };
    const plain = await crypto.subtle.decrypt(how, content, joined(ciphertext, tag));
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    throw new Failure("foreign");
  }
}

/**
 * What a JWS in compact serialisation (RFC 7515) says, if it was made for the key with the thumbprint `audience`
 * and signed by one of `signers`: the gateway's public JWK or JWK Set, as JSON, from the page that asks.
 * Throws Failure "forged", or "unknown-signer" when the page has no key to verify with.
 */
export async function verified(jws, signers, audience) {
  const keys = await signersIn(signers);
  let header, payload, signature, signed;
  try {
    const parts = jws.split(".");
    if (parts.length !== 3) throw new TypeError("no JWS");
    [header, payload, signature] = parts.map(fromBase64url);
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
    signed = utf8(`${parts[0]}.${parts[1]}`);
  } catch {
    throw new Failure("forged");
  }
  const key = keys.get(header.kid);
  const known = header.alg === "ES256" && header.aud === audience && !("crit" in header);
  if (!key || !known) throw new Failure("forged");
  const how = { name: "ECDSA", hash: "SHA-256" };
  if (!(await crypto.subtle.verify(how, key, signature, signed))) throw new Failure("forged");
  return new TextDecoder("utf-8", { fatal: true }).decode(payload);
}

/** The keys in a JWK or JWK Set by their thumbprints, for verifying. */
async function signersIn(text) {
  const found = new Map();
  try {
    const document = JSON.parse(text);
    for (const { kty, crv, x, y } of document.keys ?? [document]) {
      const jwk = { kty, crv, x, y };
      const curve = { name: "ECDSA", namedCurve: "P-256" };
      found.set(
        await thumbprint(jwk),
        await crypto.subtle.importKey("jwk", jwk, curve, false, ["verify"]),
      );
    }
  } catch {
    throw new Failure("unknown-signer");
  }
  return found;
}

function parsed(jwe) {
  if (typeof jwe !== "string") throw new Failure("broken");
  if (jwe.length > LONGEST_JWE) throw new Failure("large");
  const parts = jwe.split(".");
  try {
    const [head, ...pieces] = parts.map(fromBase64url);
    const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(head));
    const known = header.alg === ALG && header.enc === ENC && !("crit" in header) && !("zip" in header);
    const sized = pieces[0].length === 40 && pieces[1].length === 12 && pieces[3].length === 16;
    if (parts.length === 5 && known && sized) return { header, parts, pieces };
  } catch {
    // Said below, without what was in it.
  }
  throw new Failure("broken");
}

function ephemeral({ kty, crv, x, y }) {
  return { kty, crv, x, y };
}

/** One round of the Concat KDF (NIST SP 800-56A 5.8.1, as RFC 7518 section 4.6.2 has it): 256 bits. */
async function concatKdf(shared, header) {
  const given = (text) => (text === undefined ? new Uint8Array() : fromBase64url(text));
  const sized = (bytes) => joined(uint32(bytes.length), bytes);
  const input = joined(
    uint32(1),
    new Uint8Array(shared),
    sized(utf8(ALG)),
    sized(given(header.apu)),
    sized(given(header.apv)),
    uint32(256),
  );
  return crypto.subtle.digest("SHA-256", input);
}

async function wrappingKey(secret, kind, salt, iterations, use) {
  const plain = kind === "passphrase" ? tidy(secret) : bareCode(secret);
  const base = await crypto.subtle.importKey("raw", utf8(plain), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, [use]);
}

const bound = ({ pair, kind, user }) => utf8(["inbeeld wrap 1", pair, kind, user].join("\n"));
