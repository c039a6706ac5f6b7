// The form of an import: what is wrong comes back beside its field, and the chosen files stay.
import { sendForm } from "../send.js";

const form = document.getElementById("case-import");
const words = JSON.parse(document.getElementById("import-words").textContent);

function showErrors(errors) {
  for (const place of form.querySelectorAll("[data-error]")) {
    place.textContent = (errors[place.dataset.error] ?? []).join(" ");
    place.hidden = !place.textContent;
    const field = document.getElementById(place.dataset.error);
    field?.classList.toggle("is-invalid", !place.hidden);
    field?.setAttribute("aria-invalid", String(!place.hidden));
  }
  form.querySelector("[aria-invalid=true]")?.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  showErrors({});
  sendForm(form, new FormData(form), words, {
    refused: showErrors,
    sent: (location) => window.location.assign(location),
  });
});
