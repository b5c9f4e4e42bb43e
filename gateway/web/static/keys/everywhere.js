// Locking in every tab of this browser: who logged out in one leaves no open key in another.

const NAME = "inbeeld-op-slot";

/** Lock the keys in every tab. */
export function lockEverywhere() {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(null);
  channel.close();
}

/** Do something when any tab locks, until the signal. */
export function whenLocked(work, signal) {
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", work);
  signal.addEventListener("abort", () => channel.close());
}
