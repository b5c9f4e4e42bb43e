// Puts the text of a chosen file where a key can be pasted; nothing else leaves the browser.
const LARGEST = 48_000;
const text = document.querySelector("[data-sleutel]");
const file = document.querySelector("[data-bestand]");

file.addEventListener("change", async () => {
  const chosen = file.files[0];
  if (chosen && chosen.size <= LARGEST) {
    text.value = await chosen.text();
  }
  text.focus();
});
