// What a browser may add: every page works without it.
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  const words = document.getElementById(button.dataset.copy);
  const status = document.getElementById("copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(words.value);
      status.textContent = "Copied.";
    } catch {
      words.focus();
      words.select();
      status.textContent = "Press Ctrl and C to copy what is selected.";
    }
  });
}
const body = document.querySelector("textarea[name=body]");
if (body) {
  const form = body.form;
  const begun = body.dataset.typed === undefined ? body.value : null;
  let leaving = false;
  form.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && body.value !== begun) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=save]"));
    }
  });
}
