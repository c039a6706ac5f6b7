// The report form in three steps: where, what, photo. The form itself works without this.
import { keepDraft } from "./report-draft.js";
import { choosePhotos } from "./report-photos.js";
import { choosePlace } from "./report-place.js";
import { chooseWhat } from "./report-what.js";
import { sendForm } from "../send.js";

const form = document.getElementById("report");
const facts = JSON.parse(document.getElementById("report-facts").textContent);
const STEPS = ["where", "what", "words"];
const WHERE = ["position", "place", "lat", "lon", "accuracy_m", "placed_by", "datum"];
const STEP_OF_FIELD = { ...Object.fromEntries(WHERE.map((field) => [field, "where"])), condition: "what" };

form.classList.add("scripted");
for (const details of form.querySelectorAll("[data-typed], [data-contact]")) details.open = false;

function go(step) {
  form.dataset.step = step;
  for (const button of form.querySelectorAll("[data-go]")) {
    const here = STEPS.indexOf(button.dataset.go);
    button.toggleAttribute("aria-current", button.dataset.go === step);
    button.classList.toggle("done", here < STEPS.indexOf(step));
  }
  form.querySelector(`[data-part="${step}"]`).scrollTop = 0;
  draft.save();
}

const next = (by) => go(STEPS[Math.min(Math.max(STEPS.indexOf(form.dataset.step) + by, 0), 2)]);

/** Put what the server found wrong beside its fields, and go to the first of them. */
function showErrors(errors) {
  for (const place of form.querySelectorAll("[data-error]")) {
    place.textContent = (errors[place.dataset.error] ?? []).join(" ");
    place.hidden = !place.textContent;
  }
  const steps = Object.keys(errors).map((field) => STEP_OF_FIELD[field] ?? "words");
  const first = STEPS.find((step) => steps.includes(step));
  if (first) go(first);
  form.querySelector("[data-error]:not([hidden])")?.scrollIntoView({ block: "center" });
}

const draft = keepDraft(form);
const place = choosePlace(form, facts, () => draft.save());
const what = chooseWhat(form, facts, (moveOn) => {
  draft.save();
  if (moveOn) go("words");
});
const photos = choosePhotos(form, facts);

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go], [data-next], [data-back]");
  if (!button) return;
  if (button.dataset.go) go(button.dataset.go);
  else next("next" in button.dataset ? 1 : -1);
});
form.addEventListener("input", () => draft.save());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const body = new FormData(form);
  body.delete("photos");
  for (const photo of photos.files()) body.append("photos", photo, photo.name);
  sendForm(form, body, facts.words, {
    refused: showErrors,
    sent(location) {
      what.remember();
      draft.clear();
      window.location.assign(location);
    },
  });
});

const restored = draft.restore();
what.show();
place.show(!restored);
const wrong = form.querySelector("[data-error]:not([hidden])");
if (wrong) showErrors(Object.fromEntries([...form.querySelectorAll("[data-error]:not([hidden])")].map((e) => [e.dataset.error, [e.textContent]])));
else go(restored?.step ?? "where");
