// Bytes as base64url (RFC 4648 section 5, no padding), and text as bytes.
// Promises that what is not exactly base64url is refused, never read by halves.

const encoder = new TextEncoder();

/** Text as UTF-8. */
export const utf8 = (text) => encoder.encode(text);

/** Bytes as base64url. */
export function toBase64url(bytes) {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes in base64url; throws a TypeError for anything else. */
export function fromBase64url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new TypeError("no base64url");
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** Several pieces of bytes, one after the other. */
export function joined(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A whole number in four bytes, the highest first. */
export const uint32 = (number) => Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
