// Search by case number, grid or community: a list under the input, by mouse or keys. For staff its
// last line leads to the same words in the list of cases, which knows addresses, too.

import { el } from "./dom.js";
import { getJson } from "./data.js";

const PAUSE_MS = 200;

export function setUpSearch(input, list, facts, onFind) {
  let finds = [];
  let chosen = -1;
  let timer;
  let waiting;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(at) {
    chosen = at;
    const items = [...list.querySelectorAll("[id]")];
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at >= 0) input.setAttribute("aria-activedescendant", items[at].id);
  }

  function take(at) {
    close();
    input.value = finds[at].label;
    onFind(finds[at]);
  }

  function show() {
    const items = finds.map((find, at) => {
      const item = el("li", { role: "option", id: `map-find-${at}`, class: "map-find" },
        el("span", { class: "tag tag-quiet" }, facts.words[find.kind]),
        el("span", {}, find.label), el("span", { class: "quiet mono" }, find.detail));
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => take(at));
      return item;
    });
    const nothing = el("li", { class: "map-find quiet", role: "option", "aria-disabled": "true" },
      facts.words.nothingFound);
    const found = finds.some((find) => find.kind !== "list");
    list.replaceChildren(...(found ? [] : [nothing]), ...items);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(items.length ? 0 : -1);
  }

  async function ask() {
    waiting?.abort();
    waiting = new AbortController();
    const q = input.value.trim();
    if (!q) return close();
    try {
      ({ finds } = await getJson(facts.urls.search, { office: facts.office, q }, waiting.signal));
      if (facts.staff) finds.push({ kind: "list", label: q, detail: "" });
      return show();
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      list.replaceChildren(el("li", { class: "map-find", role: "option", "aria-disabled": "true" }, error.message));
      list.hidden = false;
      return undefined;
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (step && finds.length && !list.hidden) choose((chosen + step + finds.length) % finds.length);
    else if (event.key === "Enter" && !list.hidden && chosen >= 0) take(chosen);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  input.addEventListener("focus", () => {
    if (input.value.trim() && finds.length) show();
  });
}
