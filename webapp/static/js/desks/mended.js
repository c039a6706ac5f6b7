// Found and mended at once: photos of both, the place from the device, sent in one go.
import { toast } from "../app.js";
import { choosePhotos } from "../cases/report-photos.js";
import { choosePlace } from "../cases/report-place.js";
import { dropDraft, hasDraft } from "../drafts.js";

const form = document.getElementById("mended");
const facts = JSON.parse(document.getElementById("mended-facts").textContent);
const { words } = facts;
const photos = Object.fromEntries(
  [...form.querySelectorAll("[data-photos]")].map((part) => [part.dataset.photos, choosePhotos(part, facts)]),
);
const save = () => form.dispatchEvent(new Event("change"));
const place = choosePlace(form, facts, save);

/** Put what is wrong beside its fields, and show the first of them. */
function showErrors(errors) {
  for (const line of form.querySelectorAll("[data-error]")) {
    line.textContent = (errors[line.dataset.error] ?? []).join(" ");
    line.hidden = !line.textContent;
  }
  form.querySelector("[data-error]:not([hidden])")?.scrollIntoView({ block: "center" });
}

function body() {
  const sent = new FormData(form);
  for (const [name, chosen] of Object.entries(photos)) {
    sent.delete(name);
    for (const file of chosen.files()) sent.append(name, file, file.name);
  }
  return sent;
}

async function send() {
  const button = form.querySelector("[data-send]");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: body() }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (answer?.ok && said?.location) {
    dropDraft(form);
    window.location.assign(said.location);
    return;
  }
  button.removeAttribute("aria-busy");
  if (said?.errors) showErrors(said.errors);
  else toast(said?.message ?? (answer ? words.failed : words.offline), "danger");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
place.show(!hasDraft(form));
const wrong = [...form.querySelectorAll("[data-error]:not([hidden])")];
if (wrong.length) showErrors(Object.fromEntries(wrong.map((line) => [line.dataset.error, [line.textContent]])));
