// Text of a stranger, made harmless to look at: what could change how other text is read is shown as its code.
//
// Promises that direction marks, invisible characters and control characters are visible, that everything
// else stays as it is, and that lines and tabs stay.

const TRICKS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** The text with every trick shown as ⟦U+202E⟧. */
export const harmless = (text) =>
  text.toWellFormed().replaceAll("\r\n", "\n").replace(TRICKS, (one) => `⟦U+${hex(one)}⟧`);

/** The same on one line. */
export const oneLine = (text) => harmless(text.replace(/\s+/gu, " ").trim());

const hex = (one) => one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
