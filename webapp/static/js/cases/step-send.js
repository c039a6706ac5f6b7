// A step on its way to the server. Nothing that was typed or photographed is lost, whatever comes.

/** Send the form once; { ok, status, body }, or null while it is on its way already. */
export async function sendStep(form, { words }) {
  if (form.dataset.sending) return null;
  busy(form, true, words.sending);
  try {
    const answer = await fetch(form.action, { method: "POST", body: bodyOf(form), headers: { Accept: "application/json" } });
    const body = await answer.json().catch(() => ({ message: words.failed }));
    return { ok: answer.ok, status: answer.status, body };
  } catch {
    return { ok: false, status: 0, body: { message: words.offline } };
  } finally {
    busy(form, false);
  }
}

function bodyOf(form) {
  const body = new FormData(form);
  body.delete("photos");
  for (const photo of form.photoFiles?.() ?? []) body.append("photos", photo, photo.name);
  return body;
}

/** The buttons that send this form, inside it and outside, show that they were pressed. */
function busy(form, on, label) {
  if (on) form.dataset.sending = "1";
  else delete form.dataset.sending;
  for (const button of form.elements) {
    if (!button.matches("button:not([type=button])")) continue;
    button.toggleAttribute("disabled", on);
    button.setAttribute("aria-busy", String(on));
    const words = button.querySelector("span");
    if (on && words && label) {
      words.dataset.before = words.textContent;
      words.textContent = label;
    } else if (words?.dataset.before) {
      words.textContent = words.dataset.before;
      delete words.dataset.before;
    }
  }
}
