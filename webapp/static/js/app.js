// What every page does: keep what is typed, send a form once, ask before what is dangerous.
import { sayDays } from "./days.js";
import { keepDrafts } from "./drafts.js";

const words = JSON.parse(document.getElementById("app-words").textContent);

/** Say something in the corner; it goes after six seconds unless it is an error. */
export function toast(text, kind = "info") {
  const box = document.createElement("div");
  box.className = `notice notice-${kind}`;
  box.setAttribute("role", kind === "danger" ? "alert" : "status");
  const line = document.createElement("div");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close ms-auto";
  close.setAttribute("aria-label", words.close);
  close.addEventListener("click", () => box.remove());
  box.append(line, close);
  document.querySelector(".toasts").append(box);
  if (kind !== "danger") setTimeout(() => box.remove(), 6000);
}

/** Ask in a dialog of our own; resolves to true when the person says yes. */
export function ask(question, yes = words.confirm) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const text = document.createElement("p");
  text.textContent = question;
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "form-actions";
  for (const [label, value, look] of [
    [yes, "yes", "btn-danger"],
    [words.cancel, "", "btn-outline-secondary"],
  ]) {
    const button = document.createElement("button");
    button.className = `btn ${look}`;
    button.value = value;
    button.textContent = label;
    form.append(button);
  }
  dialog.append(text, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

async function askFirst(event) {
  const { form, submitter } = { form: event.target, submitter: event.submitter };
  const question = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || form.dataset.agreed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(question, submitter?.textContent.trim() || words.confirm))) return;
  form.dataset.agreed = "1";
  form.requestSubmit(submitter);
  delete form.dataset.agreed;
}

// A form sent twice by an impatient finger is sent once. `data-resend` opts out.
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "resend" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  for (const button of buttonsOf(form)) button.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 20000); // the network may have failed without a word
}

function buttonsOf(form) {
  return [...form.elements].filter((e) => e.matches("button:not([type=button]):not([type=reset])"));
}

function release(form) {
  delete form.dataset.sent;
  for (const button of buttonsOf(form)) button.removeAttribute("aria-busy");
}

document.addEventListener("submit", askFirst, true);
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});

// "/" goes to the search, as in many desks' programs.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) target.focus();
  else target.click();
});

// A select or checkbox marked data-autosubmit sends its form when it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});

for (const back of document.querySelectorAll("[data-go-back]")) {
  back.hidden = history.length < 2;
  back.addEventListener("click", () => history.back());
}

for (const copy of document.querySelectorAll("[data-copy]")) {
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    toast(copy.dataset.copied, "success");
  });
}

// data-fill-<id>="value" fills fields, such as a demo account's on the sign-in page.
document.addEventListener("click", (event) => {
  const facts = event.target.closest("button")?.dataset ?? {};
  for (const [name, value] of Object.entries(facts)) {
    const field = name.startsWith("fill") && document.getElementById(name.slice(4).toLowerCase());
    if (field) field.value = value;
  }
});

// The first field that is wrong gets the cursor, so that nobody has to look for it.
document.querySelector("[aria-invalid=true]")?.focus();

if (keepDrafts(document.forms)) toast(words.draft);
sayDays();
