// Some seconds in which what was just done can be taken back.

export class Undo {
  constructor(bar, onUndo) {
    this.bar = bar;
    this.onUndo = onUndo;
    this.numbers = [];
    bar.querySelector("button").addEventListener("click", () => this.press());
  }

  /** What comes after another offer takes its place: that one stands. */
  offer(words, numbers, seconds) {
    this.numbers = numbers;
    this.bar.querySelector("[data-words]").textContent = words;
    this.bar.hidden = false;
    this.count(seconds);
  }

  count(seconds) {
    clearTimeout(this.timer);
    this.bar.querySelector("[data-seconds]").textContent = seconds;
    if (seconds <= 0) this.end();
    else this.timer = setTimeout(() => this.count(seconds - 1), 1000);
  }

  end() {
    clearTimeout(this.timer);
    this.bar.hidden = true;
    this.numbers = [];
  }

  press() {
    const { numbers } = this;
    if (!numbers.length) return;
    this.end();
    this.onUndo(numbers);
  }
}
