// The list of a desk: which row is chosen, which are ticked, and rows that come and go.

export class List {
  constructor(box, { onSelect, onOpen }) {
    this.box = box;
    this.onSelect = onSelect;
    this.onOpen = onOpen;
    this.selected = null;
    this.picks = Boolean(box.querySelector(".desk-pick")) || box.closest("[data-picks]") !== null;
    box.addEventListener("click", (event) => this.clicked(event));
    box.addEventListener("change", ({ target }) => {
      const row = target.closest(".desk-pick") && target.closest(".desk-row");
      if (row) this.ticked(row);
    });
  }

  clicked(event) {
    const link = event.target.closest(".desk-link");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const row = link.closest(".desk-row");
    this.choose(row);
    this.onOpen(row);
  }

  rows() {
    return [...this.box.querySelectorAll(".desk-row:not(.gone)")];
  }

  find(number) {
    return this.box.querySelector(`.desk-row[data-number="${CSS.escape(number)}"]`);
  }

  select(number, { open = false, quiet = false } = {}) {
    const row = this.find(number);
    if (!row) return;
    this.choose(row, quiet);
    if (open) this.onOpen(row);
  }

  choose(row, quiet = false) {
    this.selected?.querySelector(".desk-link")?.removeAttribute("aria-current");
    this.selected?.classList.remove("chosen");
    this.selected = row;
    row.classList.add("chosen");
    row.querySelector(".desk-link").setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    if (!quiet) this.onSelect(row);
  }

  focus() {
    this.selected?.querySelector(".desk-link")?.focus({ preventScroll: true });
  }

  next() {
    this.move(1);
  }

  previous() {
    this.move(-1);
  }

  /** To the next row that is still there; at the end of a page its link gets the focus. */
  move(step) {
    const all = [...this.box.querySelectorAll(".desk-row")];
    let at = this.selected ? all.indexOf(this.selected) + step : 0;
    while (all[at]?.classList.contains("gone")) at += step;
    if (all[at]) {
      this.choose(all[at]);
      this.focus();
    } else if (step > 0) {
      document.getElementById("desk-more")?.focus();
    }
  }

  toggle() {
    const tick = this.selected?.querySelector(".desk-pick input");
    if (!tick || tick.disabled) return;
    tick.checked = !tick.checked;
    this.ticked(this.selected);
    this.next();
  }

  ticked(row) {
    row.classList.toggle("picked", row.querySelector(".desk-pick input").checked);
    document.dispatchEvent(new CustomEvent("desk:picked", { detail: { numbers: this.picked() } }));
  }

  picked() {
    return [...this.box.querySelectorAll(".desk-row:not(.gone) .desk-pick input:checked")].map((tick) => tick.value);
  }

  pickAll(yes) {
    for (const row of this.rows()) {
      row.querySelector(".desk-pick input").checked = yes;
      row.classList.toggle("picked", yes);
    }
    document.dispatchEvent(new CustomEvent("desk:picked", { detail: { numbers: this.picked() } }));
  }

  /** The case belongs elsewhere now: the row fades and stays until the list is read anew. */
  leave(row) {
    row.classList.add("gone");
    row.classList.remove("picked");
    const tick = row.querySelector(".desk-pick input");
    if (tick) {
      tick.checked = false;
      tick.disabled = true;
    }
  }

  /** What had left is back. */
  comeBack(number) {
    const row = this.find(number);
    const tick = row?.querySelector(".desk-pick input");
    row?.classList.remove("gone");
    if (tick) tick.disabled = false;
  }

  replace(row, fresh) {
    const chosen = row === this.selected;
    const focused = row.contains(document.activeElement);
    fresh.classList.add("fresh");
    row.replaceWith(fresh);
    if (chosen) this.choose(fresh, true);
    if (focused) this.focus();
  }

  swap(fresh) {
    const [chosen, ticked, top] = [this.selected?.dataset.number, new Set(this.picked()), this.box.scrollTop];
    const had = new Set(this.rows().map((row) => row.dataset.number));
    this.box.querySelector("#desk-list").replaceWith(fresh);
    this.selected = null;
    for (const row of this.rows()) {
      if (!had.has(row.dataset.number)) row.classList.add("fresh");
      const tick = row.querySelector(".desk-pick input");
      if (tick && ticked.has(row.dataset.number)) {
        tick.checked = true;
        row.classList.add("picked");
      }
    }
    if (chosen && this.find(chosen)) this.choose(this.find(chosen), true);
    this.box.scrollTop = top;
  }
}
