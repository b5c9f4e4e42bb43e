// Sentences for people: they stand in the page as <template data-zin="code">, and are only copied here.

import { Failure } from "./failure.js";

/** Show the sentence for a code in the element marked data-melding within `root`, or nothing for null. */
export function say(root, code) {
  const place = root.querySelector("[data-melding]");
  const sentence = code && (root.querySelector(`template[data-zin="${code}"]`) ?? anywhere(code));
  place.textContent = sentence ? sentence.content.textContent.trim() : "";
  place.hidden = !sentence;
}

/** Show what went wrong; what nobody foresaw is told in general words, and thrown on for who looks. */
export function sayWrong(root, error) {
  say(root, error instanceof Failure ? error.code : "broken");
  if (!(error instanceof Failure)) throw error;
}

const anywhere = (code) => document.querySelector(`template[data-zin="${code}"]`);
