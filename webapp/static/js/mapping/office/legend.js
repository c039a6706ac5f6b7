// Numbers by lamp, the classes of counts with their bounds, and what lies in no grid.

import { counted, el } from "./dom.js";

export function drawLegend(page, facts, { breaks, total, elsewhere }) {
  for (const button of page.querySelectorAll("[data-lamp]")) {
    const n = total[facts.tally.indexOf(button.dataset.lamp)];
    button.querySelector("[data-count]").textContent = n.toLocaleString();
  }
  const rows = breaks.map((least, at) => {
    const next = breaks[at + 1];
    const words = next === undefined ? `≥ ${least}` : range(least, next - 1);
    return el("li", {}, el("span", { class: `map-swatch map-swatch-${at + 1}` }), words);
  });
  page.querySelector("#map-classes").replaceChildren(
    el("li", {}, el("span", { class: "map-swatch" }), "0"), ...rows);
  const note = page.querySelector("#map-elsewhere");
  note.hidden = !elsewhere;
  note.textContent = elsewhere ? counted(facts.words.elsewhere, elsewhere) : "";
}

function range(least, most) {
  return least === most ? String(least) : `${least}–${most}`;
}
