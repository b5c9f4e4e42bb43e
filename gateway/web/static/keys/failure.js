// What can go wrong with keys and referrals. The code chooses a sentence of the page; no value is in it.

export class Failure extends Error {
  /**
   * `code`: secret, broken, foreign, large, code, weak, unequal, same, none, other, locked, network,
   * unsure, session, changed, gone, leased, forged or unknown-signer.
   */
  constructor(code) {
    super(code);
    this.name = "Failure";
    this.code = code;
  }
}

/** Something may have been kept, and not all of it surely. `made` is what must be shown all the same. */
export class Halfway extends Failure {
  constructor(made) {
    super("halfway");
    this.made = made;
  }
}
