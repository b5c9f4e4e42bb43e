// Copies the example mail. Without JavaScript the button stays hidden, and the text can be selected.
const button = document.querySelector("[data-copies]");
const heard = document.querySelector("[data-heard]");

button.hidden = false;
button.addEventListener("click", async () => {
  const text = document.getElementById(button.dataset.copies).textContent;
  try {
    await navigator.clipboard.writeText(text);
    heard.textContent = heard.dataset.heard;
  } catch {
    // A browser may forbid it: the text is selected, so that the keyboard copies it.
    getSelection().selectAllChildren(document.getElementById(button.dataset.copies));
    heard.textContent = heard.dataset.failed;
  }
});
