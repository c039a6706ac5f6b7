// Communities as tints with an outline, grids as hairlines filled by their number of cases.

import { counted, el, sum, token } from "./dom.js";

const TINTS = 6;
const HAIRLINE = 0.7;

export class AreaLayers {
  constructor(map, facts, onArea) {
    this.map = map;
    this.facts = facts;
    this.onArea = onArea;
    this.own = new Set(facts.own);
    this.counts = new Map();
    this.breaks = [];
    for (const [name, z] of [["tints", 350], ["grids", 360], ["outlines", 370]]) {
      map.createPane(name).classList.add(`map-pane-${z}`);
    }
    this.fills = [1, 2, 3, 4, 5].map((n) => token(`--count-${n}`));
    this.hairline = token("--map-hairline");
    this.brand = token("--brand");
    this.gridCanvas = L.canvas({ pane: "grids", padding: 0.2 });
  }

  drawCommunities(collection) {
    this.tints?.remove();
    this.outlines?.remove();
    let number = 0;
    this.tints = L.geoJSON(collection, {
      pane: "tints",
      renderer: L.svg({ pane: "tints", padding: 0.2 }),
      style: ({ id }) => ({ className: `map-tint ${this.own.has(id) ? this.tint(number++) : ""}` }),
      onEachFeature: (feature, layer) => this.prepare(feature, layer, "community"),
    }).addTo(this.map);
    this.outlines = L.geoJSON(collection, {
      pane: "outlines",
      renderer: L.svg({ pane: "outlines", padding: 0.2 }),
      interactive: false,
      style: { className: "map-outline" },
    }).addTo(this.map);
  }

  tint(number) {
    return `map-tint-${(number % TINTS) + 1}`;
  }

  drawGrids(collection) {
    this.grids?.remove();
    this.grids = collection && L.geoJSON(collection, {
      pane: "grids",
      renderer: this.gridCanvas,
      style: (feature) => this.gridStyle(feature.id),
      onEachFeature: (feature, layer) => this.prepare(feature, layer, "grid"),
    }).addTo(this.map);
  }

  prepare(feature, layer, kind) {
    layer.bindTooltip(() => this.tooltip(feature), { sticky: true, className: "map-tip" });
    layer.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.onArea(kind, feature, layer);
    });
    if (kind !== "grid") return;
    layer.on("mouseover", () => layer.setStyle({ weight: 2, color: this.brand }).bringToFront());
    layer.on("mouseout", () => this.mark(this.marked, [layer]));
  }

  tooltip(feature) {
    const { name, code } = feature.properties;
    const n = sum(this.counts.get(feature.id) ?? []);
    return el("span", {}, name || code, el("br"), counted(this.facts.words.cases, n));
  }

  /** Colour by the counts: rows of [area id, counts by lamp]. */
  colour({ level, breaks, areas }) {
    this.counts = new Map(areas.map(([id, ...counts]) => [id, counts]));
    this.breaks = breaks;
    this.map.getContainer().classList.toggle("map-shows-grids", level === "grids");
    if (level !== "grids") this.drawGrids(null);
    this.grids?.eachLayer((layer) => layer.setStyle(this.gridStyle(layer.feature.id)));
    this.tints?.eachLayer((layer) => {
      const shade = level === "grids" ? 0 : this.shade(layer.feature.id);
      layer.getElement()?.setAttribute("data-count", shade);
    });
    this.mark(this.marked);
  }

  shade(id) {
    const n = sum(this.counts.get(id) ?? []);
    return n ? this.breaks.filter((least) => n >= least).length : 0;
  }

  gridStyle(id) {
    const shade = this.shade(id);
    return {
      color: this.hairline,
      weight: HAIRLINE,
      opacity: 1,
      fillColor: this.fills[Math.max(shade - 1, 0)],
      fillOpacity: shade ? 0.86 : 0,
    };
  }

  /** Draw one grid as chosen, and of `layers` (all by default) no other. */
  mark(id, layers = this.grids?.getLayers() ?? []) {
    this.marked = id;
    for (const layer of layers) {
      if (layer.feature.id === id) layer.setStyle({ weight: 2.5, color: this.brand }).bringToFront();
      else if (layer.options.weight !== HAIRLINE) layer.setStyle(this.gridStyle(layer.feature.id));
    }
  }
}
