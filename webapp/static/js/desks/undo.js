// Some seconds in which what was just done can be taken back: the last first, then what was before.

export class Undo {
  constructor(bar, onUndo) {
    this.bar = bar;
    this.onUndo = onUndo;
    this.offers = []; // {words, numbers, until}, the newest last
    bar.querySelector("button").addEventListener("click", () => this.press());
  }

  offer(words, numbers, seconds) {
    this.offers.push({ words, numbers, until: Date.now() + seconds * 1000 });
    this.show();
  }

  /** The newest that still can be taken back. */
  show() {
    clearTimeout(this.timer);
    const now = Date.now();
    this.offers = this.offers.filter(({ until }) => until > now);
    const last = this.offers.at(-1);
    this.bar.hidden = !last;
    if (!last) return;
    this.bar.querySelector("[data-words]").textContent = last.words;
    this.bar.querySelector("[data-seconds]").textContent = Math.ceil((last.until - now) / 1000);
    this.timer = setTimeout(() => this.show(), 250);
  }

  press() {
    this.show();
    const last = this.offers.pop();
    this.show();
    if (last) this.onUndo(last.numbers);
  }
}
