// Names in place: communities where they fit, grids when one is wide enough for its name. A name
// makes room for the signs and for the names before it; it goes where it can be read.

import { el } from "./dom.js";

const GRID_NAME_PIXELS = 180;
const STEPS = [[0, 0], [0, -1], [0, 1], [-0.7, 0], [0.7, 0], [-0.7, -1], [0.7, -1], [-0.7, 1], [0.7, 1], [0, -2], [0, 2]];
const MOST_COVERED = 0.3; // of a name, by signs; more and it is left out
const STEP_PIXELS = { x: 60, y: 32 };

export class Labels {
  constructor(map) {
    this.map = map;
    map.createPane("names").classList.add("map-names");
    this.group = L.layerGroup().addTo(map);
  }

  /** `signs` are boxes on the map, in pixels, that names should not cover. */
  draw(communities, grids, signs) {
    this.group.clearLayers();
    this.signs = signs;
    this.taken = [];
    communities?.eachLayer((layer) => this.add(layer, "community"));
    grids?.eachLayer((layer) => this.add(layer, "grid"));
  }

  add(layer, kind) {
    const { name, code, label } = layer.feature.properties;
    const words = name || code;
    const outline = this.pixels(layer.getBounds());
    const size = textSize(words, kind);
    const least = kind === "grid" ? Math.max(GRID_NAME_PIXELS, size.x) : size.x * 0.8;
    if (outline.getSize().x < least || !this.map.getBounds().intersects(layer.getBounds())) return;
    const at = this.freePlace(this.map.latLngToLayerPoint([label[1], label[0]]), size, outline);
    if (!at) return;
    const icon = L.divIcon({
      html: el("span", { class: "map-name-words" }, words),
      className: `map-name map-name-${kind}`,
      iconSize: [0, 0],
    });
    const place = this.map.layerPointToLatLng(at);
    L.marker(place, { icon, pane: "names", interactive: false, keyboard: false }).addTo(this.group);
  }

  /** The place nearest the middle that covers nothing; else the one that covers least of a sign. */
  freePlace(middle, size, outline) {
    let best = null;
    let least = Infinity;
    for (const [across, down] of STEPS) {
      const at = middle.add([across * STEP_PIXELS.x, down * STEP_PIXELS.y]);
      const box = L.bounds(at.subtract(size.divideBy(2)), at.add(size.divideBy(2)));
      if (!outline.contains(at) || this.taken.some((other) => other.overlaps(box))) continue;
      const covered = this.signs.reduce((sum, sign) => sum + overlap(sign, box), 0);
      if (covered < least) [best, least] = [{ at, box }, covered];
      if (covered === 0) break;
    }
    const crowded = least > MOST_COVERED * size.x * size.y;
    if (!best || crowded) return null;
    this.taken.push(best.box);
    return best.at;
  }

  pixels(bounds) {
    const corner = (latlng) => this.map.latLngToLayerPoint(latlng);
    return L.bounds(corner(bounds.getSouthWest()), corner(bounds.getNorthEast()));
  }
}

function textSize(words, kind) {
  const letter = kind === "grid" ? 11 : window.innerWidth < 768 ? 12 : 15;
  const width = [...words].reduce((sum, sign) => sum + (sign > "\u2e80" ? letter : letter * 0.6), 0);
  return L.point(width + 4, letter + 6);
}

function overlap(a, b) {
  const across = Math.min(a.max.x, b.max.x) - Math.max(a.min.x, b.min.x);
  const down = Math.min(a.max.y, b.max.y) - Math.max(a.min.y, b.min.y);
  return across > 0 && down > 0 ? across * down : 0;
}
