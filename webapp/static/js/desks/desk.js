// A desk: a list and a map that follow each other, the case beside them, keys, and what is new.
//
// Other scripts of a desk import `desk`. Events on `document`: "desk:select" ({row}), "desk:panel"
// ({number, body, more}), "desk:done" ({number, gone}).

import { Keys } from "./keys.js";
import { List } from "./list.js";
import { DeskMap } from "./map.js";
import { News } from "./news.js";
import { Panel } from "./panel.js";

const part = (id) => document.getElementById(id);
const facts = JSON.parse(part("desk-facts").textContent);

export function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(`desk:${name}`, { detail }));
}

const list = new List(part("desk-scroll"), {
  onSelect: (row) => {
    map?.show(row);
    if (panel.isOpen) panel.open(row.dataset.number);
    tell("select", { row });
  },
  onOpen: (row) => panel.open(row.dataset.number),
});
const panel = new Panel(part("desk-panel"), facts, {
  onOpen: (number) => writeAddress({ case: number }),
  onClose: () => {
    writeAddress({ case: null });
    list.focus();
  },
  onDone: (number) => done(number),
  onConflict: (number) => done(number, { stay: true }),
});
const map = part("desk-map") && new DeskMap("desk_map", facts, (number) => {
  list.select(number, { open: true });
  showMap(false);
});
const keys = new Keys(part("desk-keys"), facts.words);
const news = new News(part("desk-news"), facts, showCounts, () => refresh());

export const desk = {
  facts,
  keys,
  list,
  panel,
  /** The chosen row, or null. */
  selected: () => list.selected,
  /** The numbers of the ticked rows. */
  picked: () => list.picked(),
  done,
  leave,
  refresh,
  fail,
};

function writeAddress(changes) {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  const query = params.toString();
  history.replaceState(null, "", query ? `${location.pathname}?${query}` : location.pathname);
}

/** After a step on a case: its row anew, or out of the list when it belongs elsewhere now. */
async function done(number, { stay = false } = {}) {
  const gone = !(await renew(number));
  if (gone && !stay) list.next();
  tell("done", { number, gone });
  news.ask();
  return gone;
}

/** These cases belong elsewhere now. */
function leave(numbers) {
  for (const number of numbers) list.leave(list.find(number));
  map?.draw(list.rows());
  news.ask();
}

async function renew(number) {
  const row = list.find(number);
  if (!row) return false;
  const query = new URLSearchParams(facts.query);
  query.set("tab", facts.tab);
  const answer = await fetch(`${facts.path}/rows/${encodeURIComponent(number)}?${query}`);
  if (answer.status === 204) {
    list.leave(row);
    map?.draw(list.rows());
    return false;
  }
  if (!answer.ok) return fail(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replace(row, fresh.querySelector(".desk-row"));
  map?.draw(list.rows());
  return true;
}

/** The list as it is now, in place: what was chosen and ticked stays so. */
async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return fail(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.swap(page.getElementById("desk-list"));
  map?.draw(list.rows());
  showCounts(countsOn(page));
  part("desk-error").hidden = true;
  return news.begin(JSON.parse(page.getElementById("desk-facts").textContent).newest);
}

function fail(reason) {
  const box = part("desk-error");
  box.querySelector("[data-reason]").textContent = `${facts.words.failed} ${reason}`;
  box.hidden = false;
}

function countsOn(page) {
  const tabs = [...page.querySelectorAll("[data-tab]")];
  return Object.fromEntries(tabs.map((tab) => [tab.dataset.tab, Number(tab.querySelector("[data-count]")?.textContent)]));
}

function showCounts(counts) {
  tell("news", { counts });
  for (const tab of document.querySelectorAll("[data-tab]")) {
    const number = counts[tab.dataset.tab];
    const box = tab.querySelector("[data-count]");
    if (number === undefined || !box) continue;
    box.textContent = number;
    box.classList.toggle("none", number === 0);
  }
}

function showMap(yes) {
  document.body.classList.toggle("desk-shows-map", yes);
  part("desk-to-map").setAttribute("aria-pressed", String(yes));
}

function close() {
  if (document.body.classList.contains("desk-shows-map")) showMap(false);
  else panel.close();
}

part("desk-to-map").addEventListener("click", () => {
  showMap(!document.body.classList.contains("desk-shows-map"));
});
part("desk-to-filters").addEventListener("click", ({ currentTarget }) => {
  const box = part("desk-filters");
  box.hidden = !box.hidden;
  currentTarget.setAttribute("aria-expanded", String(!box.hidden));
  if (!box.hidden) box.querySelector("select, input")?.focus();
});
part("desk-keys-button").addEventListener("click", () => keys.show());
part("desk-error").querySelector("button").addEventListener("click", refresh);

keys.add("j", facts.words.next, () => list.next());
keys.add("k", facts.words.previous, () => list.previous());
keys.add("Enter", facts.words.open, () => list.selected && panel.open(list.selected.dataset.number), { quiet: true });
keys.add("Escape", facts.words.close, close);
if (list.picks) keys.add("x", facts.words.pick, () => list.toggle());
keys.describe("/", facts.words.search);
keys.describe("?", facts.words.help);

map?.draw(list.rows());
const wanted = new URLSearchParams(location.search).get("case");
if (wanted) {
  list.select(wanted, { quiet: true });
  panel.open(wanted);
}
news.begin(facts.newest);
