// A form sent to the server by a script, which answers in JSON; what is refused says why.

export class Refused extends Error {}

export async function post(url, form, fields = {}) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, ...fields });
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(found.message ?? answer.statusText);
  return found;
}
