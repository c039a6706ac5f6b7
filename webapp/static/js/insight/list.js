// The ranked list: in step with the map, and usable by keys alone.

import { counted, el, svg, token } from "../mapping/office/dom.js";

const STEP = 50;
const SPARK = { width: 84, height: 22 };

export class List {
  constructor(box, more, facts, { onPick, onHover }) {
    Object.assign(this, { box, more, facts, onPick });
    this.shown = STEP;
    box.addEventListener("mouseover", (event) => onHover(idOf(event.target)));
    box.addEventListener("mouseleave", () => onHover(null));
    box.addEventListener("focusin", (event) => onHover(idOf(event.target)));
    box.addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      const id = idOf(event.target);
      if (id !== null) onPick(id);
    });
    box.addEventListener("keydown", (event) => this.walk(event));
    more.addEventListener("click", () => {
      this.shown += STEP;
      this.draw();
    });
  }

  show(rows, answer) {
    this.rows = rows;
    this.answer = answer;
    this.shown = STEP;
    this.draw();
  }

  draw() {
    const rows = this.rows.slice(0, this.shown);
    this.box.replaceChildren(...rows.map((row, at) => this.row(row, at)));
    this.more.hidden = this.rows.length <= this.shown;
    this.more.textContent = counted(this.facts.words.more, this.rows.length - rows.length);
    this.mark(this.marked);
  }

  row(row, at) {
    const { words, signs } = this.facts;
    const { view, data } = this.answer;
    const beside = view === "beside"; // since when, and how it develops, is said of hot and cold
    return el("li", { class: "hot-row", "data-id": row.id },
      el("button", { type: "button", class: "hot-pick", "aria-pressed": "false" },
        el("span", { class: "hot-line" },
          el("span", { class: `hot-swatch ${row.sign}` }),
          el("span", { class: "hot-rank" }, at + 1),
          el("strong", { class: "hot-name", title: row.code }, row.name),
          row.community && el("span", { class: "quiet hot-community" }, row.community),
          row.spark.length > 1 && spark(row.spark, data.trend)),
        el("span", { class: "hot-line small" },
          el("strong", {}, counted(row.cases === 1 ? words.oneCase : words.cases, row.cases)),
          el("span", { class: "quiet" }, row.around))),
      el("div", { class: "hot-line hot-more-line small" },
        el("span", { class: `tag hot-tag-${row.sign}` }, signs[row.sign]),
        !beside && row.development && row.development !== signs[row.sign] && el("span", { class: "tag" }, row.development),
        !beside && row.since && el("span", { class: "quiet" }, row.since)),
      row.classes && el("div", { class: "hot-line hot-more-line small quiet" }, row.classes),
      el("div", { class: "hot-line hot-more-line small" },
        row.department && el("span", { class: "quiet hot-department" }, row.department),
        (row.open > 0 || row.cases > 0) && el("span", {}, counted(words.open, row.open)),
        row.overdue > 0 && el("span", { class: "lamp lamp-red" },
          svg("svg", { class: "lamp-shape", "aria-hidden": "true" }, svg("use", { href: "/static/img/lamps.svg#red" })),
          el("span", { class: "lamp-words" }, counted(words.overdue, row.overdue))),
        row.cases > 0 && el("a", { class: "hot-cases", href: row.url }, counted(row.cases === 1 ? words.openOne : words.openCases, row.cases))));
  }

  /** Show one row as chosen; `seen` brings it into view. */
  mark(id, { seen = false } = {}) {
    this.marked = id;
    for (const row of this.box.children) {
      const chosen = row.dataset.id === String(id);
      row.classList.toggle("chosen", chosen);
      row.querySelector(".hot-pick").setAttribute("aria-pressed", String(chosen));
      if (chosen && seen) row.scrollIntoView({ block: "nearest" });
    }
  }

  hover(id) {
    for (const row of this.box.children) row.classList.toggle("hovered", row.dataset.id === String(id));
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest(".hot-row");
    if (!step || !row) return;
    event.preventDefault();
    (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.querySelector(".hot-pick").focus();
  }
}

function idOf(target) {
  const row = target.closest(".hot-row");
  return row ? Number(row.dataset.id) : null;
}

/** A small line of values, the newest to the right. */
function spark(values, label) {
  const most = Math.max(...values, 1);
  const x = (n) => 2 + (n * (SPARK.width - 4)) / (values.length - 1);
  const y = (value) => SPARK.height - 2 - (value * (SPARK.height - 4)) / most;
  const line = values.map((value, n) => `${n ? "L" : "M"}${x(n).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const last = values.length - 1;
  return svg("svg", { class: "hot-spark", viewBox: `0 0 ${SPARK.width} ${SPARK.height}`, role: "img",
    "aria-label": `${label}: ${values.join(", ")}` },
    svg("path", { d: line, fill: "none", stroke: token("--brand") }),
    svg("circle", { cx: x(last), cy: y(values[last]), r: 2, fill: token("--brand") }));
}
