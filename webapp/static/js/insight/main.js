// The page of hot spots: asks, and keeps sentences, list, map and address in step.

import { getJson } from "../mapping/office/data.js";
import { counted, el } from "../mapping/office/dom.js";
import { whenMap } from "../mapping/ready.js";
import { readAddress, readForm, showInForm, writeAddress } from "./address.js";
import { Answer } from "./answer.js";
import { Layers } from "./layers.js";
import { List } from "./list.js";
import { Places } from "./places.js";

const part = (id) => document.getElementById(id);
const facts = JSON.parse(part("hot-facts").textContent);
const [page, form] = [part("hot-page"), part("hot-filters")];
const map = await whenMap("hot_map");

let look = {};
let answer = null;
let asking;

const places = new Places(map, facts, { onPick: pick, onHover: hover });
places.onError = failed;
const list = new List(part("hot-list"), part("hot-more"), facts, { onPick: pick, onHover: (id) => places.mark(id ?? chosen()) });
const layers = new Layers(map, facts, document.querySelectorAll("[data-layer]"), {
  onChange: (names) => { look.layers = names.join(","); note(); },
  onError: failed,
});

const chosen = () => (look.place ? Number(look.place) : null);
const asked = () => readForm(form, facts.defaults);

function note(options) {
  writeAddress(asked(), look, options);
}

function hover(id) {
  list.hover(id);
  places.mark(id ?? chosen());
}

function pick(id) {
  look.place = chosen() === id ? "" : String(id);
  note({ step: true });
  list.mark(chosen(), { seen: true });
  places.mark(chosen());
  if (chosen() !== null) places.find(id);
}

/** What the address says: into the form, then asked for. */
function follow() {
  const read = readAddress();
  look = read.look;
  showInForm(form, read.asked, facts.defaults);
  layers.choose(look.layers.split(","));
  return refresh();
}

async function refresh() {
  asking?.abort();
  asking = new AbortController();
  page.dataset.loading = "";
  part("hot-map-box").dataset.loading = "";
  const wanted = asked();
  form.querySelector(".hot-reset").hidden = Object.keys(wanted).length === 0;
  try {
    const data = await getJson(facts.urls.data, wanted, asking.signal);
    answer = new Answer(data, facts);
    part("hot-error").hidden = true;
    await show();
    layers.refresh(wanted);
  } catch (error) {
    if (error.name === "AbortError") return;
    failed(error);
  }
  delete page.dataset.loading;
  delete part("hot-map-box").dataset.loading;
}

function failed(error) {
  part("hot-error").querySelector("[data-reason]").textContent = error.message;
  part("hot-error").hidden = false;
}

async function show() {
  const { data } = answer;
  answer.look(look.view || "now", look.raw === "1");
  part("hot-said").replaceChildren(...answer.said().map((words, n) => el("p", { class: n ? "quiet" : "hot-headline" }, words)));
  const narrowed = part("hot-narrowed");
  narrowed.hidden = data.notes.length === 0;
  narrowed.textContent = data.notes.join(" ");
  press("[data-view]", "view", answer.view);
  press("[data-raw]", "raw", answer.raw ? "1" : "");
  document.querySelector("[data-view=change]").hidden = !data.against;
  const rows = answer.rows();
  list.show(rows, answer);
  list.mark(chosen());
  const nothing = rows.length === 0;
  part("hot-empty").hidden = !nothing;
  part("hot-empty").querySelector("h2").hidden = Boolean(data.nothing); // the sentence above says why
  const unlisted = answer.count() - rows.length;
  part("hot-unlisted").hidden = unlisted <= 0;
  part("hot-unlisted").textContent = counted(facts.words.unlisted, unlisted);
  part("hot-period").textContent = data.period;
  legend();
  takeAway();
  await places.show(answer);
  places.mark(chosen());
}

function legend() {
  const rows = answer.signs().map((sign) => el("li", {},
    el("span", { class: `hot-swatch ${sign}` }), facts.signs[sign]));
  part("hot-legend-list").replaceChildren(...rows,
    el("li", {}, el("span", { class: "hot-swatch" }), facts.words.neutral));
}

/** The files and the print show what the page shows. */
function takeAway() {
  for (const link of document.querySelectorAll("[data-away]")) {
    const wanted = { ...asked(), ...(answer.raw ? { raw: "1" } : {}), ...(answer.view !== "now" ? { view: answer.view } : {}) };
    const query = new URLSearchParams(wanted).toString();
    link.href = link.href.split("?")[0] + (query ? `?${query}` : "");
  }
}

function press(which, name, value) {
  for (const button of document.querySelectorAll(which)) {
    button.setAttribute("aria-pressed", String(button.dataset[name] === value));
  }
}

function day(back, from = new Date()) {
  const then = new Date(from.getTime() - back * 86_400_000);
  return new Date(then - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function compareWith(shift) {
  const { since, until, against_since: first, against_until: last } = form.elements;
  const [from, to] = [new Date(since.value || facts.defaults.since), new Date(until.value || facts.defaults.until)];
  const length = Math.round((to - from) / 86_400_000) + 1;
  first.value = day(shift ?? length, from);
  last.value = day(shift ?? length, to);
  changed();
}

function changed() {
  look.place = "";
  note({ step: true });
  refresh();
}

for (const button of document.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => {
    look.view = button.dataset.view === "now" ? "" : button.dataset.view;
    note({ step: true });
    show();
  });
}
for (const button of document.querySelectorAll("[data-raw]")) {
  button.addEventListener("click", () => {
    look.raw = button.dataset.raw;
    note({ step: true });
    show();
  });
}
for (const button of form.querySelectorAll("[data-days]")) {
  button.addEventListener("click", () => {
    const today = new Date(`${facts.today}T12:00:00`);
    form.elements.since.value = day(Number(button.dataset.days) - 1, today);
    form.elements.until.value = facts.today;
    changed();
  });
}
form.querySelector("[data-before]").addEventListener("click", () => compareWith());
form.querySelector("[data-year]").addEventListener("click", () => compareWith(364));
form.addEventListener("change", changed);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  showInForm(form, {}, facts.defaults);
  changed();
});
function openFilters(open) {
  form.hidden = !open;
  part("hot-to-filters").setAttribute("aria-expanded", String(open));
}
part("hot-to-filters").addEventListener("click", () => openFilters(form.hidden));
part("hot-change").addEventListener("click", () => {
  openFilters(true);
  form.elements.since.focus();
});
part("hot-error").querySelector("button").addEventListener("click", refresh);
map.on("click", () => { if (look.place) pick(chosen()); });
window.addEventListener("popstate", follow);

if (window.innerWidth < 768) part("hot-legend").open = false;
map.fitBounds(facts.bounds, { animate: false, padding: [16, 16] });
places.drawCommunities().catch(failed);
await follow();
