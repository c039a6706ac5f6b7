// The case beside the list: a fragment of its page, with its steps.

import { attachSteps, putBack } from "../cases/steps.js";

export class Panel {
  constructor(box, facts, { onOpen, onClose, onDone, onConflict }) {
    this.box = box;
    this.facts = facts;
    this.onOpen = onOpen;
    this.onClose = onClose;
    this.onDone = onDone;
    this.onConflict = onConflict;
    this.number = null;
    this.part("close").addEventListener("click", () => this.close());
  }

  part(name) {
    return this.box.querySelector(`[data-panel="${name}"]`);
  }

  get isOpen() {
    return !this.box.hidden;
  }

  async open(number) {
    if (this.isOpen && this.number === number) return;
    this.number = number;
    this.box.hidden = false;
    document.body.classList.add("desk-shows-panel");
    this.part("number").textContent = number;
    this.part("whole").href = `/cases/${encodeURIComponent(number)}`;
    this.onOpen(number);
    await this.load();
  }

  /** What was asked last is shown: a hand on "j" asks for many. */
  async load() {
    const { number } = this;
    this.asked?.abort();
    this.asked = new AbortController();
    const waiting = setTimeout(() => this.skeleton(), 150);
    try {
      const answer = await fetch(`/cases/${encodeURIComponent(number)}/panel`, { signal: this.asked.signal });
      const words = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      this.show(number, words);
    } catch (error) {
      if (error.name !== "AbortError") this.fail(error.message);
    } finally {
      clearTimeout(waiting);
    }
  }

  /** `keep` is a form that somebody has typed in: it stays as it is, among what is new. */
  show(number, words, keep = null) {
    const body = this.part("body");
    const fragment = new DOMParser().parseFromString(words, "text/html");
    body.replaceChildren(...fragment.body.childNodes);
    if (keep) putBack(body, keep);
    else this.box.scrollTop = 0;
    attachSteps(body, {
      onDone: (result) => this.stepped(number, result),
      onConflict: (_answer, form) => this.overtaken(number, form),
    });
    document.dispatchEvent(new CustomEvent("desk:panel", { detail: { number, body, more: this.part("more") } }));
  }

  async stepped(number, result) {
    const gone = await this.onDone(number, result);
    if (!gone && this.number === number) await this.load();
  }

  /** Somebody else was faster: what they did is shown, and what was typed here stays. */
  async overtaken(number, form) {
    this.onConflict(number);
    const answer = await fetch(`/cases/${encodeURIComponent(number)}/panel`).catch(() => null);
    if (answer?.ok && this.number === number) this.show(number, await answer.text(), form);
  }

  skeleton() {
    const words = document.getElementById("desk-skeleton").content.cloneNode(true);
    this.part("body").replaceChildren(words);
  }

  fail(reason) {
    const box = document.createElement("p");
    box.className = "notice notice-danger";
    box.setAttribute("role", "alert");
    box.textContent = `${this.facts.words.failed} ${reason} `;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-outline-secondary";
    again.textContent = this.facts.words.again;
    again.addEventListener("click", () => this.load());
    box.append(again);
    this.part("body").replaceChildren(box);
  }

  close() {
    if (!this.isOpen) return;
    this.asked?.abort();
    this.box.hidden = true;
    this.number = null;
    document.body.classList.remove("desk-shows-panel");
    this.onClose();
  }
}
