// The numbers of what waits, in the rail of every page.

const PAUSE_S = 60;
const places = [...document.querySelectorAll("[data-waiting]")];
let tag = null;

async function ask() {
  const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
  const answer = await fetch("/desk/waiting.json", { headers, cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return; // not changed, or away: what stands there stays
  tag = answer.headers.get("ETag");
  const numbers = await answer.json();
  for (const place of places) {
    const number = numbers[place.dataset.waiting] ?? 0;
    place.hidden = number === 0;
    place.textContent = number.toLocaleString(document.documentElement.lang);
  }
}

if (places.length) {
  ask();
  setInterval(() => document.hidden || ask(), PAUSE_S * 1000);
  document.addEventListener("desk:news", ask);
}
