// What can go wrong with keys and referrals. The code chooses a sentence of the page; no value is in it.

export class Failure extends Error {
  /**
   * `code`: secret, broken, foreign, large, code, weak, unequal, none, locked, network, session, changed,
   * gone or leased.
   */
  constructor(code) {
    super(code);
    this.name = "Failure";
    this.code = code;
  }
}
