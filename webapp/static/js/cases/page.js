// The page of a case: after a step its parts are read anew in place, the map and a form that is
// being filled in stay.
import { attachSteps, putBack } from "./steps.js";

const root = document.querySelector("[data-case]");

async function freshPage() {
  const answer = await fetch(`/cases/${encodeURIComponent(root.dataset.case)}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Put the new parts in; `keep` is a form that somebody has typed in. */
async function refresh(keep = null) {
  const fresh = await freshPage();
  if (!fresh) {
    location.reload(); // it is not this person's any more: the page says so
    return;
  }
  for (const part of root.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (now) part.replaceChildren(...now.childNodes);
  }
  document.body.classList.toggle("with-steps", fresh.body.classList.contains("with-steps"));
  if (keep) putBack(root, keep);
  attach();
}

function attach() {
  attachSteps(root, {
    onDone: () => refresh(),
    onConflict: (_answer, form) => refresh(form),
  });
}

attach();
