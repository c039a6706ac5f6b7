// The places on the map: outlines where they are wide enough to be seen as such, else dots.

import { boxText, getJson, snapped } from "../mapping/office/data.js";
import { counted, el, token } from "../mapping/office/dom.js";

const HAIRLINE = 0.5;
const SMALLER = 1.25; // outlines are drawn from so many zooms before the map of cases would

export class Places {
  constructor(map, facts, { onPick, onHover }) {
    Object.assign(this, { map, facts, onPick, onHover });
    for (const [name, z] of [["tints", 350], ["grids", 360], ["outlines", 370]]) {
      map.createPane(name).classList.add(`map-pane-${z}`);
    }
    map.getContainer().classList.add("map-shows-grids"); // the mouse reaches them at every zoom
    this.canvas = L.canvas({ pane: "grids", padding: 0.2 });
    this.line = token("--map-hairline");
    this.brand = token("--ink");
    const signs = [...Object.keys(facts.signs), "hot-neutral"]; // read once, not for 10,000 places
    this.fills = Object.fromEntries(signs.map((sign) => [sign, token(`--${sign}`)]));
    this.layers = new Map(); // of a place's id
    this.group = L.layerGroup().addTo(map);
    map.on("moveend", () => this.answer && this.draw().catch((error) => this.onError?.(error)));
  }

  async drawCommunities() {
    const { office, revision } = this.facts;
    const ask = { office, revision, layer: "communities", zoom: 14 };
    const collection = await getJson(this.facts.urls.areas, ask);
    this.communities = L.geoJSON(collection, {
      pane: "outlines",
      renderer: L.svg({ pane: "outlines", padding: 0.2 }),
      interactive: false,
      style: { className: "map-outline hot-outline" },
    }).addTo(this.map);
  }

  /** Show another answer, or another way of looking at it. */
  async show(answer) {
    this.answer = answer;
    await this.draw();
    this.colour();
  }

  async draw() {
    const { by } = this.answer.data;
    const zoom = this.map.getZoom();
    if (by !== "grids") return this.replace(this.answer, () => this.cells());
    if (zoom < this.facts.gridsFrom - SMALLER) {
      return this.replace(`dots ${zoom} ${this.answer.number}`, () => this.dots(zoom));
    }
    const { office, revision } = this.facts;
    const bbox = boxText(snapped(this.map.getBounds(), zoom));
    const ask = { office, revision, layer: "grids", zoom: 2 * Math.ceil(zoom / 2), bbox };
    return this.replace(JSON.stringify(ask), () => this.grids(ask));
  }

  /** Put other shapes on the map, unless they lie there; `make` gives pairs of id and layer. */
  async replace(key, make) {
    if (this.drawn === key || this.asked === key) return;
    this.asked = key;
    const made = await make();
    if (this.asked !== key) return; // something else was asked for meanwhile
    [this.drawn, this.asked] = [key, null];
    this.group.clearLayers();
    this.layers = new Map(made);
    for (const [id, layer] of this.layers) this.prepare(id, layer).addTo(this.group);
    this.colour();
  }

  async grids(ask) {
    const collection = await getJson(this.facts.urls.areas, ask);
    const drawn = L.geoJSON(collection, { pane: "grids", renderer: this.canvas });
    return drawn.getLayers().map((layer) => [layer.feature.id, layer]);
  }

  /** The cells of a net that hold anything: all of one shape, around their middles. */
  cells() {
    const { places, cell } = this.answer.data;
    const { ids, at } = places;
    return ids.map((id, n) => [id, L.polygon(
      cell.map(([east, north]) => [at[2 * n + 1] + north, at[2 * n] + east]),
      { pane: "grids", renderer: this.canvas })]);
  }

  /** Far out a place is a dot as wide as it is, at least wide enough to be seen. */
  dots(zoom) {
    const { ids, at } = this.answer.data.places;
    const width = 20 * 2 ** (zoom - this.facts.gridsFrom);
    const radius = Math.max(2.5, width / 1.8);
    return ids.map((id, n) => [id, L.circleMarker([at[2 * n + 1], at[2 * n]],
      { pane: "grids", renderer: this.canvas, radius })]);
  }

  prepare(id, layer) {
    layer.bindTooltip(() => this.tooltip(id, layer), { sticky: true, className: "map-tip" });
    layer.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.onPick(id);
    });
    layer.on("mouseover", () => this.onHover(id));
    layer.on("mouseout", () => this.onHover(null));
    return layer;
  }

  tooltip(id, layer) {
    const { words, signs } = this.facts;
    const name = this.names?.get(id) ?? layer.feature?.properties.name;
    const sign = this.answer.sign(id);
    const cases = this.answer.cases(id);
    return el("span", {}, name, name && el("br"),
      counted(cases === 1 ? words.oneCase : words.cases, cases),
      el("br"), signs[sign] ?? words.neutral);
  }

  colour() {
    if (!this.answer) return;
    this.names = new Map(this.answer.data.list.map(({ id, name }) => [id, name]));
    for (const [id, layer] of this.layers) layer.setStyle(this.style(id));
    this.mark(this.marked);
  }

  style(id) {
    const sign = this.answer.sign(id);
    const dot = Boolean(this.layers.get(id)?.getRadius);
    return {
      color: this.line,
      weight: dot && !sign ? 0 : HAIRLINE,
      fillColor: this.fills[sign || "hot-neutral"],
      fillOpacity: sign ? 0.92 : dot ? 0 : 0.55,
    };
  }

  /** Draw one place as chosen, and no other. */
  mark(id) {
    const former = this.layers.get(this.marked);
    if (former && this.marked !== id) former.setStyle(this.style(this.marked));
    this.marked = id;
    this.layers.get(id)?.setStyle({ weight: 3, color: this.brand }).bringToFront();
  }

  /** Bring a place into view; it need not be drawn yet. */
  find(id) {
    const layer = this.layers.get(id);
    const n = this.answer.index.get(id);
    if (n === undefined) return;
    const { at } = this.answer.data.places;
    const place = L.latLng(at[2 * n + 1], at[2 * n]);
    if (!layer || !this.map.getBounds().contains(place)) this.map.panTo(place);
  }
}
