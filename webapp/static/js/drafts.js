// Forms marked data-draft="name" keep what is typed until it has been sent and accepted: a reload,
// an error page or a phone that puts the tab to sleep loses nothing. Passwords and files are not
// kept; hidden fields are when they say data-draft-field. After a restore the form gets the event
// "draft:restored". A draft lives in this tab alone (sessionStorage): desks are shared.
const PREFIX = "draft:";
const SENT = "draft-sent";
const NEVER = ["password", "file", "submit", "button", "reset", "image"];

function kept(form) {
  return [...form.elements].filter(
    (field) =>
      field.name &&
      field.name !== "csrf_token" &&
      !NEVER.includes(field.type) &&
      (field.type !== "hidden" || "draftField" in field.dataset),
  );
}

function read(form) {
  return kept(form).flatMap((field) => {
    if (["checkbox", "radio"].includes(field.type)) return [[field.name, field.value, field.checked]];
    if (field.multiple) return [...field.options].map((o) => [field.name, o.value, o.selected]);
    return [[field.name, field.value, true]];
  });
}

function write(form, values) {
  let changed = false;
  for (const field of kept(form)) {
    for (const [name, value, on] of values) {
      if (name === field.name) changed = set(field, value, on) || changed;
    }
  }
  if (changed) form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  return changed;
}

function set(field, value, on) {
  if (["checkbox", "radio"].includes(field.type)) {
    if (field.value !== value || field.checked === on) return false;
    field.checked = on;
  } else if (field.multiple) {
    const option = [...field.options].find((o) => o.value === value);
    if (!option || option.selected === on) return false;
    option.selected = on;
  } else {
    if (field.value === value) return false;
    field.value = value;
  }
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** Watch the drafts among `forms`; true when something was brought back. */
export function keepDrafts(forms) {
  const sent = sessionStorage.getItem(SENT);
  const drafts = [...forms].filter((form) => form.dataset.draft);
  // What was sent came back as a page without its form, or with good news: it was accepted.
  const again = drafts.some((form) => PREFIX + form.dataset.draft === sent);
  const good = document.querySelector(".messages .notice-success");
  if (sent && !document.body.dataset.error && (!again || good)) sessionStorage.removeItem(sent);
  if (!document.body.dataset.error) sessionStorage.removeItem(SENT);
  return drafts.map(keep).some(Boolean);
}

function keep(form) {
  if (form.dataset.kept) return false;
  form.dataset.kept = "1";
  const key = PREFIX + form.dataset.draft;
  const before = sessionStorage.getItem(key);
  const restored = before !== null && write(form, JSON.parse(before));
  const save = () => sessionStorage.setItem(key, JSON.stringify(read(form)));
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sessionStorage.setItem(SENT, key);
  });
  form.addEventListener("reset", () => sessionStorage.removeItem(key));
  return restored;
}

/** Whether something typed in this form earlier waits to be sent. */
export function hasDraft(form) {
  return sessionStorage.getItem(PREFIX + form.dataset.draft) !== null;
}

/** What was typed has been sent by a script and accepted. */
export function dropDraft(form) {
  sessionStorage.removeItem(PREFIX + form.dataset.draft);
  sessionStorage.removeItem(SENT);
}

/** What was typed could not be sent: wherever the person goes now, it is kept. */
export function keepUnsent() {
  sessionStorage.removeItem(SENT);
}
