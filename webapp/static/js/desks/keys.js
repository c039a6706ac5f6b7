// The keys of a desk, and the list of them. Nothing happens while somebody types or a dialog asks.

const NAMES = { Escape: "Esc" };
const MAY_REPEAT = ["j", "k"]; // whoever leans on another key does it once

export class Keys {
  constructor(dialog, words) {
    this.dialog = dialog;
    this.words = words;
    this.actions = new Map();
    this.labels = new Map();
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** `quiet` keys keep what the browser does with them on links and buttons. */
  add(key, label, action, { quiet = false } = {}) {
    this.actions.set(key, { action, quiet });
    this.describe(key, label);
  }

  describe(key, label) {
    this.labels.set(key, label);
  }

  pressed(event) {
    const found = this.actions.get(event.key);
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat && !MAY_REPEAT.includes(event.key)) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (document.querySelector("dialog[open], .offcanvas.show, .dropdown-menu.show")) return;
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    if (found.quiet && event.target.closest("a:not(.desk-link), button, summary, input")) return;
    event.preventDefault();
    found.action(event);
  }

  show() {
    const list = this.dialog.querySelector("dl");
    list.replaceChildren();
    for (const [key, label] of this.labels) {
      const name = document.createElement("dt");
      const box = document.createElement("kbd");
      box.textContent = NAMES[key] ?? key;
      name.append(box);
      const words = document.createElement("dd");
      words.textContent = label;
      list.append(name, words);
    }
    this.dialog.showModal();
  }
}
