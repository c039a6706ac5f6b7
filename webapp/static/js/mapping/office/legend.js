// Numbers by lamp, the classes of counts with their bounds, and what lies in no grid.

import { counted, el } from "./dom.js";

export function drawLegend(page, facts, { level, breaks, total, elsewhere }) {
  for (const button of page.querySelectorAll("[data-lamp]")) {
    const n = total[facts.tally.indexOf(button.dataset.lamp)];
    button.querySelector("[data-count]").textContent = n.toLocaleString();
  }
  const ranges = breaks.map((least, at) => range(least, breaks[at + 1]));
  const narrow = ranges.some((words) => words.length > 5);
  const rows = breaks.map((least, at) => el("li", {},
    el("span", { class: `map-swatch map-swatch-${at + 1}` }), narrow ? `${least}+` : ranges[at]));
  page.querySelector("#map-legend h2").textContent = facts.words[`legend_${level}`];
  page.querySelector("#map-classes").replaceChildren(
    el("li", {}, el("span", { class: "map-swatch map-swatch-0" }), "0"), ...rows);
  const note = page.querySelector("#map-elsewhere");
  note.hidden = !elsewhere;
  note.textContent = elsewhere ? counted(facts.words.elsewhere, elsewhere) : "";
}

function range(least, next) {
  if (next === undefined) return `≥ ${least}`;
  return least === next - 1 ? String(least) : `${least}–${next - 1}`;
}
