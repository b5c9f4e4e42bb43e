// Puts the text of a chosen file where a key can be pasted; nothing else leaves the browser.
const LARGEST = 48_000;
const text = document.querySelector("[data-sleutel]");
const file = document.querySelector("[data-bestand]");
const large = document.querySelector("[data-te-groot]");

file.addEventListener("change", async () => {
  const chosen = file.files[0];
  large.hidden = !chosen || chosen.size <= LARGEST;
  if (!large.hidden) file.value = "";
  else if (chosen) text.value = await chosen.text();
  (large.hidden ? text : file).focus();
});
// A file that was chosen before this line would have gone nowhere, and nobody would have said so.
file.closest("p").hidden = false;
