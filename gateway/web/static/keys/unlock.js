// Unlocking: the passphrase is asked once, and the key stays in memory until it is locked.
//
// Promises that the unwrapped key can't be exported, that nothing of it is stored anywhere, and that it is
// dropped by the button, after ten minutes without a touch, when the page goes, and when somebody logs out in
// any tab of this browser.

import { decrypt, keyOf, unwrap, verified } from "./crypto.js";
import { whenLocked } from "./everywhere.js";
import { Failure } from "./failure.js";
import { openLabel, sealLabel } from "./label.js";
import { say, sayWrong } from "./messages.js";
import { fetchWraps } from "./server.js";

/** In milliseconds. */
export const IDLE = 10 * 60 * 1000;
const TOUCHES = ["keydown", "pointerdown", "pointermove", "scroll"];

/** The keys of one person while they work. `locked` is a promise that ends when the keys were dropped. */
export class Keyring {
  #keys;
  #points;
  #signers;
  #timer = 0;
  #touched = Date.now();
  #done;
  #stop = new AbortController();

  /** `signers` is the gateway's public JWK or JWK Set, as the page has it. */
  constructor(keys, signers) {
    this.#keys = new Map(keys.map(([id, key]) => [id, key]));
    this.#points = new Map(keys.map(([id, , point]) => [id, point]));
    this.#signers = signers;
    this.locked = new Promise((done) => (this.#done = done));
    const { signal } = this.#stop;
    for (const touch of TOUCHES) {
      addEventListener(touch, () => this.#touch(), { signal, passive: true, capture: true });
    }
    addEventListener("visibilitychange", () => this.#look(), { signal });
    whenLocked(() => this.lock(), signal);
    addEventListener("pagehide", () => this.lock(), { signal });
    this.#touch();
  }

  /**
   * The text that the gateway signed and sealed in a JWE; throws Failure, "locked", "foreign" when it is for a
   * key that is not here, or "forged" when somebody else made it.
   */
  async decrypt(jwe) {
    if (this.isLocked) throw new Failure("locked");
    const key = this.#keys.get(keyOf(jwe));
    if (!key) throw new Failure("foreign");
    return verified(await decrypt(jwe, key), this.#signers, keyOf(jwe));
  }

  /** A short text about a case, sealed for the newest key that is here; throws Failure "locked". */
  async sealLabel(text, kenmerk) {
    if (this.isLocked) throw new Failure("locked");
    return sealLabel(text, kenmerk, this.#pair([...this.#keys.keys()].at(-1)));
  }

  /** The text in such a seal; throws Failure "locked" or "foreign". */
  async openLabel(sealed, kenmerk) {
    if (!this.has(sealed.sleutel)) throw new Failure("foreign");
    return openLabel(sealed, kenmerk, this.#pair(sealed.sleutel));
  }

  #pair(id) {
    return { id, privateKey: this.#keys.get(id), publicJwk: this.#points.get(id) };
  }

  /** Whether the key with a thumbprint is here; throws Failure "locked". */
  has(thumbprint) {
    if (this.isLocked) throw new Failure("locked");
    return this.#keys.has(thumbprint);
  }

  get isLocked() {
    return this.#keys.size === 0;
  }

  /** Drop the keys; the next text needs the passphrase again. */
  lock() {
    clearTimeout(this.#timer);
    this.#stop.abort();
    this.#keys.clear();
    this.#done();
  }

  /** Begin to wait anew, unless it was over: a timer stands still while the device sleeps. */
  #touch() {
    this.#look();
    if (this.isLocked) return;
    this.#touched = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.lock(), IDLE);
  }

  #look() {
    if (Date.now() - this.#touched >= IDLE) this.lock();
  }
}

/** The keys that a passphrase opens, of all pairs of the owner; throws Failure "none" or "secret". */
export async function openAll(passphrase, extractable = false) {
  const { gebruiker, paren } = await fetchWraps();
  const opened = [];
  let tried = 0;
  for (const { id, openbaar, wikkels } of paren) {
    const mine = wikkels.find(({ soort }) => soort === "passphrase");
    if (!mine) continue;
    tried += 1;
    const binding = { pair: id, kind: "passphrase", user: gebruiker };
    try {
      opened.push([id, await unwrap(mine.inhoud, passphrase, binding, extractable), openbaar]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  if (!opened.length) throw new Failure(tried ? "secret" : "none");
  return opened;
}

/**
 * Ask the passphrase in the form of `keys/unlock.html` (`root` is its section) until it is right; gives a
 * `Keyring`. The section shows whether the key is open, with a button that locks it.
 */
export function unlock(root) {
  const form = root.querySelector("form");
  const field = form.querySelector("input");
  const shown = root.querySelector("[data-open]");
  const show = (open) => {
    form.hidden = open;
    shown.hidden = !open;
    root.dataset.staat = open ? "open" : "op-slot";
  };
  show(false);
  root.hidden = false;
  return new Promise((done) => {
    let busy = false;
    async function attempt(event) {
      event.preventDefault();
      if (busy) return;
      busy = true;
      form.setAttribute("aria-busy", "true");
      say(root, "bezig");
      const passphrase = field.value;
      field.value = "";
      try {
        const keyring = new Keyring(await openAll(passphrase), root.dataset.ondertekenaar);
        form.removeEventListener("submit", attempt);
        say(root, null);
        show(true);
        shown.querySelector("button").onclick = () => keyring.lock();
        keyring.locked.then(() => show(false));
        done(keyring);
      } catch (error) {
        field.focus();
        sayWrong(root, error);
      } finally {
        busy = false;
        form.removeAttribute("aria-busy");
      }
    }
    form.addEventListener("submit", attempt);
  });
}
