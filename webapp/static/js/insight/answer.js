// An answer of the server and how it is looked at: which sign each place carries. The signs of each
// view and their order are those of hotspots/signs.py.

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

  /** The sign of a place: "hot-3", "new", "became", "high-low"; "" is neutral. */
  sign(id) {
    const at = this.index.get(id);
    return at === undefined ? "" : this.signAt(at);
  }

  signAt(at) {
    const { places } = this.data;
    if (this.view === "emerging") return this.signs()[places.emerging[at]] ?? "";
    if (this.view === "beside") return this.signs()[(this.raw ? places.beside_raw : places.beside)[at]] ?? "";
    const level = this.levels[at];
    if (this.view === "change") {
      const [now, then] = [level > 0, this.before[at] > 0];
      if (now) return then ? "stayed" : "became";
      return then ? "cooled" : "";
    }
    if (level > 0) return `hot-${level}`;
    return level < 0 ? `cold-${-level}` : "";
  }

  cases(id) {
    return this.data.places.cases[this.index.get(id)] ?? 0;
  }

  /** The signs of this view, in the order of the legend. */
  signs() {
    return this.facts.views[this.view];
  }

  /** The sentences of this view. */
  said() {
    const { said, said_raw, said_beside, said_beside_raw } = this.data;
    if (this.view === "beside") return this.raw ? said_beside_raw : said_beside;
    return this.raw ? said_raw : said;
  }

  /** The rows of the list that carry a sign in this view, as hotspots/signs.py orders them. */
  rows() {
    const order = this.signs();
    const rows = this.data.list
      .map((row) => ({ ...row, sign: this.sign(row.id) }))
      .filter(({ sign }) => sign);
    const most = (a, b) => (this.view === "beside" ? b.cases - a.cases : 0);
    if (this.view !== "now") {
      rows.sort((a, b) => order.indexOf(a.sign) - order.indexOf(b.sign) || most(a, b));
    }
    return rows;
  }

  /** How many places carry a sign in this view, listed or not. */
  count() {
    return this.data.places.ids.filter((_id, at) => this.signAt(at)).length;
  }
}
