// The dispatcher's desk: steps by key on the chosen case or on all that are ticked, a preview of
// where many would go, ten seconds to take a dispatch back, and what stands beside a case.

import { toast } from "../app.js";
import { desk } from "./desk.js";
import { askPreview } from "./preview.js";
import { Refused, post } from "./send.js";
import { Undo } from "./undo.js";

const KEYS = { dispatch: "d", open: "o", ask_verification: "v", ask_check: "c" };
const part = (id) => document.getElementById(id);
const { acts, words } = JSON.parse(part("dispatch-facts").textContent);
const form = part("desk-bulk");
const path = desk.facts.path;
const undo = new Undo(part("desk-undo"), takeBack);
let everything = false; // all of the list, not only this page
let last = Promise.resolve(); // what is being done

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
}

function numbersOf(rows) {
  return rows.map((row) => `${row.dataset.number}.${row.dataset.version}`).join(" ");
}

function pickedRows() {
  return desk.picked().map((number) => desk.list.find(number));
}

function query() {
  const params = new URLSearchParams(desk.facts.query);
  params.set("tab", desk.facts.tab);
  return params.toString();
}

/** One after the other, and whatever goes wrong is said. */
function alone(work) {
  last = last.then(work).catch((error) => {
    toast(error instanceof Refused ? error.message : words.offline, "danger");
  });
  return last;
}

/** On what is ticked or chosen when its turn comes: a quick hand is ahead of the server. */
function act(action) {
  return alone(async () => {
    const picked = pickedRows();
    if (everything || picked.length > 1) return onMany(action, picked);
    const row = picked[0] ?? desk.selected();
    return row && !row.classList.contains("gone") && onOne(action, row);
  });
}

async function onOne(action, row) {
  await take(action, { numbers: numbersOf([row]) });
}

async function onMany(action, rows) {
  const chosen = everything ? { all: "1" } : { numbers: numbersOf(rows) };
  const preview = await post(`${path}/preview.json?${query()}`, form, { action, ...chosen });
  if (!(await askPreview(part("desk-preview"), action, preview, words, fill))) return;
  const numbers = everything ? preview.going.join(" ") : numbersOf(rows.filter(({ dataset }) => preview.going.includes(dataset.number)));
  await take(action, { numbers });
}

async function take(action, fields) {
  const { done, failed, groups, what, undo: seconds } = await post(`${path}/steps.json`, form, { action, ...fields });
  for (const { number, why } of failed.slice(0, 5)) toast(fill(words.failed, { number, why }), "danger");
  if (failed.length > 5) toast(fill(words.stays, { n: failed.length - 5 }), "danger");
  if (!done.length) return;
  const where = groups.map(({ name, count }) => fill(words.to, { n: count, name })).join("；");
  const told = fill(words.done, { n: done.length === 1 ? done[0] : done.length, what: where ? `${what}（${where}）` : what });
  if (seconds) undo.offer(told, done, seconds);
  else toast(told, "success");
  await left(done);
}

/** These have gone on: out of the list, or anew in it where the list is of more states. */
async function left(numbers) {
  const here = numbers.filter((number) => desk.list.find(number));
  const chosen = desk.selected()?.dataset.number;
  if (here.length === 1) await desk.done(here[0]);
  else {
    desk.leave(here);
    if (here.includes(chosen)) desk.list.next();
  }
  choose(false);
}

async function takeBack(numbers) {
  await alone(async () => {
    const { done, failed } = await post(`${path}/undo.json`, form, { numbers: numbers.join(" ") });
    for (const { number, why } of failed.slice(0, 5)) toast(fill(words.failed, { number, why }), "danger");
    if (done.length) toast(fill(words.undone, { n: done.length }), "success");
    await desk.refresh();
    if (done.length === 1) desk.list.select(done[0]);
    desk.list.focus();
  });
}

// --- what is chosen -------------------------------------------------------------------------------

function choose(all) {
  everything = all;
  const count = all ? Number(form.dataset.total) : desk.picked().length;
  part("bulk-count").textContent = count ? fill(words.chosen, { n: count }) : words.none;
  part("bulk-all").setAttribute("aria-pressed", String(all));
  part("bulk-page").indeterminate = !all && count > 0 && count < desk.list.rows().length;
  part("bulk-page").checked = count > 0 && !part("bulk-page").indeterminate;
  for (const button of form.querySelectorAll("[data-act]")) button.disabled = count === 0;
}

document.addEventListener("desk:picked", () => choose(false));
document.addEventListener("desk:news", ({ detail: { counts } }) => {
  form.dataset.total = counts[desk.facts.tab];
});
part("bulk-page").addEventListener("change", ({ target }) => desk.list.pickAll(target.checked));
part("bulk-all").addEventListener("click", () => {
  const all = !everything;
  desk.list.pickAll(all);
  choose(all);
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) act(button.dataset.act);
});
form.addEventListener("submit", (event) => event.preventDefault());

// --- beside a case --------------------------------------------------------------------------------

document.addEventListener("desk:panel", async ({ detail: { number, more } }) => {
  more.replaceChildren();
  const answer = await fetch(`${path}/beside/${encodeURIComponent(number)}`).catch(() => null);
  if (!answer?.ok || desk.panel.number !== number) return;
  const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
  more.replaceChildren(...fragment.body.childNodes);
  document.dispatchEvent(new CustomEvent("desk:beside", { detail: { number } }));
});

part("desk-panel").addEventListener("submit", (event) => {
  const merge = event.target.closest("form[data-merge]");
  if (!merge) return;
  event.preventDefault();
  alone(async () => {
    const { elements } = merge;
    const fields = { into_number: elements.into_number.value, version: elements.version.value };
    const answer = await post(merge.action, merge, fields);
    toast(answer.message, "success");
    await desk.done(answer.number);
  });
});

/** To the first similar case, where Enter merges; without one to the form that names the other. */
async function merge() {
  const row = desk.selected();
  if (!row) return;
  const ready = desk.panel.isOpen && part("desk-panel").querySelector("[data-similar]");
  if (!ready) {
    document.addEventListener("desk:beside", toMerge, { once: true });
    await desk.panel.open(row.dataset.number);
    return;
  }
  toMerge();
}

function toMerge() {
  const first = part("desk-panel").querySelector("form[data-merge] button");
  const byNumber = part("desk-panel").querySelector('[data-open-step="merge"]');
  if (first) {
    first.focus();
    first.scrollIntoView({ block: "nearest" });
  } else if (byNumber) {
    byNumber.click();
  } else {
    toast(words.similar);
  }
}

for (const action of acts) desk.keys.add(KEYS[action], words[`act_${action}`], () => act(action));
desk.keys.add("m", words.merge, merge);
desk.keys.add("u", words.undo, () => undo.press());
