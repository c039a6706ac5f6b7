// The cases: clusters that the server has counted, or the cases one by one; those that would lie
// upon each other here are piled, and a pile that zooming cannot part opens as a list.

import { counted, sum } from "./dom.js";
import { caseIcon, clusterIcon } from "./signs.js";

const PILE_PIXELS = 24;

export class CaseLayers {
  constructor(map, facts, onCases) {
    this.map = map;
    this.facts = facts;
    this.onCases = onCases;
    this.group = L.layerGroup().addTo(map);
  }

  draw({ clusters, cases }) {
    this.group.clearLayers();
    for (const [lon, lat, ...counts] of clusters) {
      this.addCluster([lat, lon], counts, () => this.zoomTo([lat, lon]));
    }
    for (const pile of this.piles(cases.map((row) => this.read(row)))) {
      if (pile.length === 1) this.addCase(pile[0]);
      else this.addPile(pile);
    }
  }

  read([lon, lat, lamp, classId, state, number]) {
    const [name, sign] = this.facts.classes[classId] ?? ["", "flag-fill"];
    return { at: [lat, lon], lamp, state, number, name, sign };
  }

  piles(cases) {
    const piles = [];
    for (const one of cases) {
      const point = this.map.latLngToLayerPoint(one.at);
      const pile = piles.find(({ point: other }) => other.distanceTo(point) < PILE_PIXELS);
      if (pile) pile.members.push(one);
      else piles.push({ point, members: [one] });
    }
    return piles.map(({ members }) => members);
  }

  addCase(one) {
    const icon = caseIcon(one.lamp, `${this.facts.urls.icons}${one.sign}.svg`);
    const title = `${one.name} · ${this.facts.lamps[one.lamp]}`;
    L.marker(one.at, { icon, title, riseOnHover: true })
      .on("click", () => this.onCases([one]))
      .addTo(this.group);
  }

  addPile(pile) {
    const counts = this.facts.tally.map((lamp) => pile.filter((one) => one.lamp === lamp).length);
    const bounds = L.latLngBounds(pile.map((one) => one.at));
    this.addCluster(pile[0].at, counts, () => {
      const zoom = this.map.getBoundsZoom(bounds.pad(0.3));
      if (this.map.getZoom() < Math.min(zoom, this.map.getMaxZoom()) - 0.5) {
        this.map.fitBounds(bounds.pad(0.3), { maxZoom: this.map.getMaxZoom() - 1 });
      } else {
        this.onCases(pile);
      }
    });
  }

  addCluster(at, counts, onClick) {
    const title = counts
      .map((n, i) => n > 0 && `${this.facts.lamps[this.facts.tally[i]]} ${n}`)
      .filter(Boolean).join(this.facts.words.comma);
    L.marker(at, {
      icon: clusterIcon(counts, this.facts.tally),
      title: `${counted(this.facts.words.cases, sum(counts))}: ${title}`,
      zIndexOffset: sum(counts),
    }).on("click", onClick).addTo(this.group);
  }

  /** The boxes of all signs on the map, in its pixels. */
  boxes() {
    return this.group.getLayers().map((sign) => {
      const at = this.map.latLngToLayerPoint(sign.getLatLng());
      const half = sign.options.icon.options.iconSize[0] / 2;
      return L.bounds(at.subtract([half, half]), at.add([half, half]));
    });
  }

  zoomTo(at) {
    const step = this.map.getZoom() + 2;
    this.map.setView(at, Math.min(step, this.map.getMaxZoom()));
  }
}
