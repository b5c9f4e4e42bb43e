// Private labels and the kenmerk to take along: what a colleague calls a case, after its name has gone.
//
// Promises that a label is on the screen only while the key is open, as text and never as markup.

import { say } from "../keys/messages.js";
import { post } from "../keys/server.js";

/** Fill in every label on the page, with the open keys; without a ring take them away. */
export async function showLabels(page, ring) {
  for (const place of page.querySelectorAll("[data-label]")) {
    place.textContent = ring && place.dataset.label ? await opened(place, ring) : "";
  }
  const form = page.querySelector("form[data-labelen]");
  if (form) {
    form.hidden = !ring;
    const first = page.querySelector(`[data-label][data-van="${form.dataset.labelen}"]`);
    if (ring && document.activeElement !== form.elements.label) {
      form.elements.label.value = first?.textContent ?? "";
    }
    if (!ring) form.elements.label.value = "";
  }
}

async function opened({ dataset }, ring) {
  try {
    return await ring.openLabel(JSON.parse(dataset.label), dataset.van);
  } catch {
    // It was sealed for a key that is not here, or the key was locked meanwhile.
    return "";
  }
}

/** Keep what stands in the form, sealed; gives the ciphertext as the page holds it. */
export async function keepLabel(form, ring) {
  const kenmerk = form.dataset.labelen;
  const text = form.elements.label.value.trim();
  const sealed = text ? await ring.sealLabel(text, kenmerk) : {};
  await post(`/postvak/${kenmerk}/label`, sealed);
  return text ? JSON.stringify(sealed) : "";
}

/** Put the kenmerk on the clipboard, and say so. */
export async function copy(button, section) {
  await navigator.clipboard.writeText(button.dataset.kopieer);
  say(section, "gekopieerd");
}
