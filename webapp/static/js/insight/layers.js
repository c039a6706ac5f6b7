// What can lie upon the places: clusters of cases, repeat places, and a picture of their density.

import { getJson } from "../mapping/office/data.js";
import { el, token } from "../mapping/office/dom.js";
import { search } from "./search.js";

export class Layers {
  constructor(map, facts, boxes, { onChange, onError }) {
    Object.assign(this, { map, facts, boxes: [...boxes], onError });
    this.groups = { clusters: L.layerGroup(), repeats: L.layerGroup() };
    this.drawn = {}; // by layer: of which part of the cases
    this.wanted = {};
    for (const box of this.boxes) {
      box.addEventListener("change", () => {
        onChange(this.chosen());
        this.refresh();
      });
    }
    map.createPane("density").classList.add("hot-density-pane");
  }

  chosen() {
    return this.boxes.filter((box) => box.checked).map((box) => box.dataset.layer);
  }

  choose(names) {
    for (const box of this.boxes) box.checked = names.includes(box.dataset.layer);
  }

  /** Ask for what is switched on of this part of the cases, and take away what is not. */
  async refresh(asked = this.asked) {
    this.asked = asked;
    const query = new URLSearchParams(asked).toString();
    const on = this.chosen();
    this.picture(on.includes("density"), query);
    await Promise.all(Object.keys(this.groups).map((name) => this.lay(name, on.includes(name), query)));
  }

  async lay(name, wanted, query) {
    const group = this.groups[name];
    if (!wanted) {
      group.remove();
      this.wanted[name] = null;
      if (name === "clusters") this.say("");
      return;
    }
    try {
      if (this.drawn[name] !== query || this.wanted[name] !== query) await this.draw(name, query);
      if (this.chosen().includes(name)) group.addTo(this.map);
    } catch (error) {
      if (name === "clusters") this.say("");
      this.onError(error);
    }
  }

  async draw(name, query) {
    this.wanted[name] = query;
    const wanted = () => this.wanted[name] === query;
    const found = await this.find(name, query, wanted);
    if (!wanted()) return;
    this.groups[name].clearLayers();
    for (const one of found) this[name](one).addTo(this.groups[name]);
    this.drawn[name] = query;
  }

  /** Repeat places at once; clusters once the worker has found them. */
  find(name, query, wanted) {
    const address = `${this.facts.urls[name]}?${query}`;
    if (name !== "clusters") return getJson(address, {});
    return search(address, wanted, (words) => this.say(words));
  }

  /** What is to be said of the search for clusters; nothing for no words. */
  say(words) {
    const place = document.getElementById("hot-search");
    place.textContent = words;
    place.hidden = !words;
  }

  clusters({ at, radius, words }) {
    const look = { radius, color: token("--cluster"), weight: 2, dashArray: "5 4", fillOpacity: 0.08 };
    return L.circle([at[1], at[0]], look)
      .bindTooltip(el("span", {}, words), { className: "map-tip", sticky: true });
  }

  repeats({ at, count, words, cases }) {
    const icon = L.divIcon({ html: el("b", {}, count), className: "hot-repeat", iconSize: [26, 26] });
    const links = cases.map((number) => el("li", {},
      el("a", { href: `/cases/${encodeURIComponent(number)}` }, number)));
    return L.marker([at[1], at[0]], { icon, title: words, alt: words })
      .bindPopup(el("div", { class: "hot-popup" }, el("p", {}, words), el("ul", {}, ...links)));
  }

  picture(wanted, query) {
    document.getElementById("hot-density").hidden = !wanted;
    if (!wanted) {
      this.density?.remove();
      return;
    }
    const address = `${this.facts.urls.density}?${query}`;
    if (this.density?.options.address !== address) {
      this.density?.remove();
      this.density = L.imageOverlay(address, this.facts.bounds,
        { address, pane: "density", opacity: 0.75, alt: this.facts.words.density });
    }
    this.density.addTo(this.map);
  }
}
