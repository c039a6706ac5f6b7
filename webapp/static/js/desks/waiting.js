// The numbers of what waits: in the rail, on a phone's tabs, and all together ("*") on the menu.

const PAUSE_S = 60;
const MOST = 99; // more would not fit into a corner
const places = [...document.querySelectorAll("[data-waiting]")];
let tag = null;

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const shown = (number) => number.toLocaleString(document.documentElement.lang);

async function ask() {
  const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
  const answer = await fetch("/desk/waiting.json", { headers, cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return; // not changed, or away: what stands there stays
  tag = answer.headers.get("ETag");
  const numbers = await answer.json();
  for (const place of places) {
    const { waiting } = place.dataset;
    const number = waiting === "*" ? sum(Object.values(numbers)) : (numbers[waiting] ?? 0);
    place.hidden = number === 0;
    place.textContent = place.matches(".bell-count") && number > MOST ? `${MOST}+` : shown(number);
  }
}

if (places.length) {
  ask();
  setInterval(() => document.hidden || ask(), PAUSE_S * 1000);
  document.addEventListener("desk:news", ask);
}
