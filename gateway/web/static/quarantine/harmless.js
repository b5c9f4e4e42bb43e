// Text of a stranger, made harmless to look at: what could change how other text is read is shown as its code.
//
// Promises that direction marks, invisible characters and control characters are visible, that everything
// else stays as it is, and that lines and tabs stay.

const TRICKS = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text with every trick shown as ⟦U+202E⟧. */
export const harmless = (text) =>
  text.toWellFormed().replaceAll("\r\n", "\n").replace(TRICKS, (one) => `⟦U+${hex(one)}⟧`);

/** The same on one line. */
export const oneLine = (text) => harmless(text.replace(/\s+/gu, " ").trim());

const hex = (one) => one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
