// The buttons of a case, wherever they are shown: its page, or the panel of a desk.
// attachSteps(root, { onDone }) takes over the markup of templates/cases/steps/form.html below
// `root`; onDone(answer) is called after a step with { event, action, state, version, number,
// message }; onConflict(answer), if given, after somebody else was faster.
import { toast } from "../app.js";
import { sayDays } from "../days.js";
import { dropDraft, hasDraft, keepDrafts, keepUnsent } from "../drafts.js";
import { choosePhotos } from "./report-photos.js";
import { askPosition } from "./step-position.js";
import { sendStep } from "./step-send.js";

const FIRST_FIELD = "textarea, select, input:not([type=hidden]):not([type=file])";

const MOST_MINUTES = 59;

export function attachSteps(root, { onDone, onConflict = () => {} }) {
  const box = root.querySelector("[data-steps]");
  if (!box) return;
  const facts = JSON.parse(box.querySelector("#step-facts").textContent);
  const forms = [...box.querySelectorAll("[data-step-form]")];
  box.classList.add("scripted");
  for (const form of forms) takeOver(form, facts);
  keepDrafts(forms);
  sayDays(box);

  const formOf = (step) => forms.find((form) => form.dataset.stepForm === step);

  function open(form) {
    for (const other of forms) other.hidden = other !== form;
    box.classList.toggle("step-open", Boolean(form));
    if (!form) return;
    if (form.querySelector("[data-position]")) askPosition(form, facts);
    else form.querySelector(FIRST_FIELD)?.focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest" });
  }

  function problem(form, { field, message }) {
    for (const place of form.querySelectorAll("[data-error]")) {
      const here = place.dataset.error === field;
      place.textContent = here ? message : "";
      place.hidden = !here;
      control(form, place.dataset.error)?.setAttribute("aria-invalid", String(here));
    }
    const whole = form.querySelector("[data-problem]");
    const placed = Boolean(form.querySelector(`[data-error="${CSS.escape(field ?? "")}"]`));
    whole.hidden = placed || !message;
    whole.querySelector("[data-problem-words]").textContent = message ?? "";
    (placed ? control(form, field) : whole)?.scrollIntoView({ block: "nearest" });
    if (placed) control(form, field)?.focus({ preventScroll: true });
  }

  async function send(form) {
    problem(form, {});
    const answer = await sendStep(form, facts);
    if (!answer) return;
    if (answer.ok) {
      dropDraft(form);
      toast(answer.body.message, "success");
      await onDone(answer.body);
      return;
    }
    keepUnsent();
    open(form);
    if (answer.body.version) {
      for (const each of forms) each.elements.version.value = answer.body.version;
    }
    problem(form, answer.body);
    if (answer.status === 409) await onConflict(answer.body, form);
  }

  box.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-step]");
    const closer = event.target.closest("[data-close-step]");
    if (!opener && !closer) return;
    event.preventDefault();
    if (closer) dropDraft(closer.closest("form"));
    const form = opener && formOf(opener.dataset.openStep);
    open(form && form.hidden ? form : null);
  });
  box.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-step-form]");
    if (!form) return;
    event.preventDefault();
    send(form);
  });
  box.addEventListener("keydown", (event) => {
    const button = event.key === " " && event.target.closest("a[role=button]");
    if (button) {
      event.preventDefault(); // a link that acts as a button is pressed like one
      button.click();
    }
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!box.classList.contains("step-open")) return;
    event.stopPropagation();
    open(null);
  });

  for (const button of box.querySelectorAll("[data-seconds-left]")) {
    setTimeout(() => button.remove(), Number(button.dataset.secondsLeft) * 1000);
  }
  const shown = forms.find((form) => !form.hidden) ?? forms.find(hasDraft);
  if (shown) open(shown);
  tickPresence(root, facts.words);
}

/** A form that somebody has typed in takes the place of its fresh twin below `root`. */
export function putBack(root, form) {
  const twin = root.querySelector(`[data-step-form="${form.dataset.stepForm}"]`);
  if (twin) {
    form.elements.version.value = twin.elements.version.value;
    twin.replaceWith(form);
    return;
  }
  // not possible any more: the words stay to be read and copied
  for (const button of form.querySelectorAll("[data-send]")) button.disabled = true;
  root.querySelector(".step-forms")?.append(form);
}

function control(form, name) {
  const found = form.elements[name];
  return found instanceof RadioNodeList ? found[0] : found;
}

/** What a form needs of scripts: photos shown small, a search above a long list. */
function takeOver(form, facts) {
  if (form.querySelector("[data-shots]") && !form.photoFiles) {
    form.photoFiles = choosePhotos(form, facts).files;
  }
  const search = form.querySelector("[data-narrow]");
  search?.addEventListener("input", () => narrow(search, form.elements.condition_code));
}

/** Leave the groups that have all the words; the first of them is chosen by Enter or arrows. */
function narrow(search, select) {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const group of select.querySelectorAll("optgroup")) {
    const fits = wanted.every((word) => group.dataset.words.includes(word));
    group.hidden = !fits;
    group.disabled = !fits;
  }
  select.size = wanted.length ? 6 : 1;
}

/** Who has not come yet, minute by minute, as long as the page is open. */
function tickPresence(root, words) {
  const show = () => {
    for (const line of root.querySelectorAll("[data-report-in-by]")) {
      const minutes = Math.floor((Date.parse(line.dataset.reportInBy) - Date.now()) / 60000);
      const late = minutes < 0;
      if (Math.abs(minutes) > MOST_MINUTES) continue; // told in hours or days, by the page
      line.querySelector("[data-minutes]").textContent = (late ? words.late : words.left).replace("{minutes}", Math.abs(minutes));
      line.classList.toggle("presence-late", late);
      line.classList.toggle("presence-awaited", !late);
    }
  };
  show();
  const timer = setInterval(() => {
    if (root.isConnected && root.querySelector("[data-report-in-by]")) show();
    else clearInterval(timer);
  }, 10000);
}
