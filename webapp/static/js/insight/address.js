// What is asked for and how it is looked at, in the address, so that it can be sent to a colleague.

const LOOK = ["view", "raw", "place", "layers"];

/** The filters of the form that say something; the form's defaults do not. */
export function readForm(form, defaults) {
  const asked = {};
  for (const field of form.elements) {
    if (field.name && field.value && field.value !== defaults[field.name]) asked[field.name] = field.value;
  }
  return asked;
}

export function showInForm(form, asked, defaults) {
  for (const field of form.elements) {
    if (!field.name) continue;
    const value = asked[field.name] ?? defaults[field.name] ?? "";
    field.value = value;
    if (field.matches("select") && field.value !== value) {
      field.add(new Option(value, value)); // what no longer exists: the server says so
      field.value = value;
    }
  }
}

/** {asked, look}: the filters, and how the answer is looked at. */
export function readAddress() {
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  const look = {};
  for (const name of LOOK) {
    look[name] = asked[name] ?? "";
    delete asked[name];
  }
  return { asked, look };
}

export function writeAddress(asked, look, { step = false } = {}) {
  const said = Object.entries({ ...asked, ...look }).filter(([, value]) => value);
  const query = new URLSearchParams(said).toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  const address = query ? `${location.pathname}?${query}` : location.pathname;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
