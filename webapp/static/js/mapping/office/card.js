// The card of what was clicked: a grid, a case, or the cases of one spot.

import { counted, el, svg } from "./dom.js";
import { getJson } from "./data.js";

export class Card {
  /** `onTurn` is called whenever it is to show something else; see `shown`. */
  constructor(box, facts, onTurn) {
    this.box = box;
    this.facts = facts;
    this.onTurn = onTurn;
    this.shown = null; // {grid: area id}, {case: number}, {} for what has no address, null: closed
  }

  turnTo(shown) {
    this.shown = shown;
    this.ticket = null; // what is still on its way comes too late
    this.onTurn(shown);
  }

  close() {
    if (this.box.hidden) return;
    this.box.hidden = true;
    this.turnTo(null);
  }

  async grid(areaId, filters) {
    const { office } = this.facts;
    this.turnTo({ grid: areaId });
    await this.load(() => getJson(`/map/grids/${areaId}.json`, { office, ...filters }), (card) => {
      const { words } = this.facts;
      this.fill(card.name || card.code, card.code,
        this.lampRow(card.counts),
        facts([
          [words.community, card.community],
          "manager" in card && [words.manager, manager(card.manager, words.noManager)],
          card.departments?.length > 0 && [words.departments, departments(card.departments)],
        ]),
        "manager" in card && el("a", { href: `/cases?q=${encodeURIComponent(card.code)}` }, words.listCases));
    });
  }

  cases(cases) {
    if (cases.length > 1) return this.pile(cases);
    const [one] = cases;
    return one.number ? this.case(one.number) : this.anonymous(one);
  }

  pile(cases) {
    this.turnTo({});
    const items = cases.map((one) => {
      const words = `${one.name} · ${this.facts.states[one.state]}`;
      const label = one.number ? el("a", { href: `/cases/${one.number}` }, words) : words;
      return el("li", {}, this.lamp(one.lamp), el("span", {}, label));
    });
    this.fill(counted(this.facts.words.together, cases.length), "",
      el("ul", { class: "map-card-list" }, ...items));
  }

  anonymous(one) {
    this.turnTo({});
    this.fill(one.name, "", facts([
      [this.facts.words.state, this.facts.states[one.state]],
      ["", this.lamp(one.lamp, true)],
    ]));
  }

  async case(number) {
    const { words, office } = this.facts;
    const url = `/map/cases/${encodeURIComponent(number)}.json`;
    this.turnTo({ case: number });
    await this.load(() => getJson(url, { office }), (card) => {
      this.fill(card.class, card.number,
        el("p", { class: "map-card-lead" }, this.lamp(card.lamp, card.time_left || true), card.condition),
        facts([
          [words.state, card.state],
          card.department && [words.department, card.department],
          [words.due, el("span", { title: card.due_whole }, card.due)],
          [words.reported, card.reported],
          [words.place, card.place],
        ]),
        el("a", { class: "btn btn-primary", href: `/cases/${encodeURIComponent(card.number)}` },
          words.openCase));
    });
  }

  /** Show the skeleton, then what came, or why it did not; only the last click counts. */
  async load(get, show) {
    const ticket = Symbol("load");
    this.ticket = ticket;
    this.fill("…", "", el("div", { class: "skeleton" },
      ...[1, 2, 3].map(() => el("span", { class: "skeleton-line" }))));
    try {
      const card = await get();
      if (this.ticket === ticket) show(card);
    } catch (error) {
      if (this.ticket === ticket) this.fill(this.facts.words.failed, "", el("p", {}, error.message));
    }
  }

  fill(title, code, ...parts) {
    const close = el("button", { type: "button", class: "btn-close", "aria-label": this.facts.words.close });
    close.addEventListener("click", () => this.close());
    this.box.replaceChildren(
      el("header", {}, el("div", {}, el("h2", {}, title), code && el("p", { class: "mono quiet" }, code)), close),
      ...parts.filter(Boolean));
    this.box.hidden = false;
  }

  /** A lamp; `words`: true for its own, a text for others, false for none to see. */
  lamp(kind, words = false) {
    return el("span", { class: `lamp lamp-${kind}` },
      kind !== "none" && svg("svg", { class: "lamp-shape", "aria-hidden": "true" },
        svg("use", { href: `/static/img/lamps.svg#${kind}` })),
      el("span", { class: words ? "lamp-words" : "visually-hidden" },
        typeof words === "string" ? words : this.facts.lamps[kind]));
  }

  lampRow(counts) {
    const parts = this.facts.tally
      .map((kind, at) => counts[at] > 0 && el("span", { class: "map-card-count" },
        this.lamp(kind), el("strong", {}, counts[at]), el("span", {}, this.facts.lamps[kind])))
      .filter(Boolean);
    if (parts.length) return el("p", { class: "map-card-counts" }, ...parts);
    return el("p", { class: "quiet" }, counted(this.facts.words.cases, 0));
  }
}

function facts(pairs) {
  const rows = pairs.filter(Boolean).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return el("dl", { class: "facts" }, ...rows);
}

function manager(person, nobody) {
  if (!person) return nobody;
  const phone = person.phone && el("a", { href: `tel:${person.phone.replace(/[^\d+]/g, "")}` }, person.phone);
  return el("span", {}, person.name, phone && " ", phone);
}

function departments(rows) {
  return el("ul", { class: "map-card-departments" },
    ...rows.map(([name, n]) => el("li", {}, name, " ", el("strong", {}, n))));
}
