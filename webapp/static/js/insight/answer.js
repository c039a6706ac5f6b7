// An answer of the server and how it is looked at: which sign each place carries.

const HOT = ["hot-1", "hot-2", "hot-3"];
const COLD = ["cold-1", "cold-2", "cold-3"];

let number = 0;

export class Answer {
  constructor(data, facts) {
    this.number = number++; // no two are drawn as one
    this.data = data;
    this.facts = facts;
    this.index = new Map(data.places.ids.map((id, at) => [id, at]));
    this.look("now", false);
  }

  look(view, raw) {
    this.view = view === "change" && !this.data.against ? "now" : view;
    this.raw = raw;
    const { places } = this.data;
    this.levels = raw ? places.raw : places.level;
    this.before = raw ? places.before_raw : places.before;
  }

  /** The sign of a place: "hot-3", "cold-1", a class of development, "became"; "" is neutral. */
  sign(id) {
    const at = this.index.get(id);
    return at === undefined ? "" : this.signAt(at);
  }

  signAt(at) {
    if (this.view === "emerging") return this.facts.classes[this.data.places.emerging[at]]?.key ?? "";
    const level = this.levels[at];
    if (this.view === "change") {
      const [now, then] = [level > 0, this.before[at] > 0];
      if (now) return then ? "stayed" : "became";
      return then ? "cooled" : "";
    }
    if (level > 0) return HOT[level - 1];
    return level < 0 ? COLD[-level - 1] : "";
  }

  cases(id) {
    return this.data.places.cases[this.index.get(id)] ?? 0;
  }

  /** The signs of this view, in the order of the legend. */
  signs() {
    if (this.view === "emerging") return this.facts.classes.map(({ key }) => key);
    if (this.view === "change") return ["became", "stayed", "cooled"];
    return [...HOT].reverse().concat(COLD);
  }

  /** The rows of the list that carry a sign in this view. */
  rows() {
    const order = this.signs();
    const rows = this.data.list
      .map((row) => ({ ...row, sign: this.sign(row.id) }))
      .filter(({ sign }) => sign);
    if (this.view !== "now") rows.sort((a, b) => order.indexOf(a.sign) - order.indexOf(b.sign));
    return rows;
  }
}
