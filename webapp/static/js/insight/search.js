// What the worker looks for: asked once, then looked after until it is there or no longer wanted.

import { getJson, Refused } from "../mapping/office/data.js";

const [FIRST_MS, LAST_MS] = [250, 2000];

/** What is found; null once `wanted()` is no longer so. `say` is given words, none at last. */
export async function search(address, wanted, say) {
  let told = await ask(address);
  for (let pause = FIRST_MS; wanted(); pause = Math.min(pause * 1.5, LAST_MS)) {
    if (told.state === "failed") throw new Refused(told.words);
    say(told.words);
    if (told.state === "done") return told.found;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (wanted()) told = await getJson(told.url, {});
  }
  return null;
}

async function ask(address) {
  const token = document.querySelector("[data-search] [name=csrf_token]").value;
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams({ csrf_token: token }),
    headers: { Accept: "application/json" },
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told.message ?? `${answer.status} ${answer.statusText}`);
  return told;
}
