// What has come since the list was read: the tabs' numbers, and a bar that shows it when pressed.

const MOST_PAUSE_S = 240;

export class News {
  constructor(bar, facts, onCounts, onShow) {
    this.bar = bar;
    this.facts = facts;
    this.onCounts = onCounts;
    this.pause = facts.poll;
    this.tag = null;
    bar.addEventListener("click", () => {
      bar.hidden = true;
      onShow();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.ask();
    });
  }

  /** The list is as it was at this event. */
  begin(newest) {
    this.seen = newest;
    this.tag = null;
    this.bar.hidden = true;
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), this.pause * 1000);
  }

  async ask() {
    clearTimeout(this.timer);
    const query = new URLSearchParams(this.facts.query);
    query.set("tab", this.facts.tab);
    query.set("seen", this.seen);
    const headers = { Accept: "application/json", ...(this.tag && { "If-None-Match": this.tag }) };
    try {
      const answer = await fetch(`${this.facts.path}/news.json?${query}`, { headers, cache: "no-store" });
      if (answer.ok) this.show(await answer.json(), answer.headers.get("ETag"));
      else if (answer.status !== 304) throw new Error(answer.statusText);
      this.pause = this.facts.poll;
    } catch {
      this.pause = Math.min(this.pause * 2, MOST_PAUSE_S); // away: ask more and more rarely
    }
    this.later();
  }

  show({ counts, arrived }, tag) {
    this.tag = tag;
    this.onCounts(counts);
    this.bar.hidden = arrived === 0;
    this.bar.textContent = this.facts.words.arrived.replace("{n}", arrived);
  }
}
