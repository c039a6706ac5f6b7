// What was typed survives a reload and a tab put to sleep; it is dropped once sent or a day old.
// The form's own UUID is kept with it: a report sent again after a lost answer counts once.
const KEY = "wangge.report";
const FIELDS = ["submission_uuid", "lat", "lon", "accuracy_m", "placed_by", "position", "datum",
  "condition", "description", "address", "name", "contact"];
const DAY_MS = 24 * 3600 * 1000;

export function keepDraft(form) {
  let ready = false;
  let over = false;
  return {
    save() {
      if (!ready || over) return;
      const values = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
      localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), step: form.dataset.step, values }));
    },
    /** Bring back the last draft, unless the page itself came back filled; the draft, or null. */
    restore() {
      ready = true;
      const kept = read();
      const cameBack = form.elements.condition.value || form.elements.description.value;
      if (!kept || cameBack || Date.now() - kept.at > DAY_MS) return null;
      for (const name of FIELDS) form.elements[name].value = kept.values[name] ?? "";
      return kept;
    },
    clear() {
      over = true;
      localStorage.removeItem(KEY);
    },
  };
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept?.values?.submission_uuid ? kept : null;
  } catch {
    return null; // written by an older version, or by somebody else
  }
}
