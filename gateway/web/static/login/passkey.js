// Passkeys: asks the server what to ask the browser, and brings the browser's answer back.
// What is said stands in the page; nothing is kept here.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const withBytes = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  return described(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

async function show(options) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  const { authenticatorData, signature, userHandle } = shown.response;
  return described(shown, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

function described(credential, response) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  };
}

async function post(where, body, headers = {}) {
  const answer = await fetch(where, { method: "POST", body, headers });
  if (!answer.ok) {
    throw new Error("refused");
  }
  return answer.json();
}

async function carryOut(place) {
  const about = new URLSearchParams({ naar: place.dataset.naar });
  const name = document.querySelector("#naam");
  if (name) {
    about.set("naam", name.value);
  }
  const options = await post(place.dataset.ask, about);
  const credential = await (place.dataset.passkey === "make" ? make(options) : show(options));
  const body = JSON.stringify(credential);
  const { naar } = await post(place.dataset.answer, body, { "Content-Type": "application/json" });
  window.location.assign(naar);
}

function start(place) {
  const button = place.querySelector("button");
  const alert = place.querySelector("[role=alert]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    alert.hidden = true;
    try {
      await carryOut(place);
    } catch (error) {
      const known = error.name === "InvalidStateError" ? "known" : "cancelled";
      const why = error.message === "refused" ? "refused" : known;
      alert.replaceChildren(place.querySelector(`[data-say=${why}]`).content.cloneNode(true));
      alert.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
  place.hidden = false;
  const section = place.closest("[data-passkey-section]");
  if (section) {
    section.hidden = false;
  }
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach(start);
}
