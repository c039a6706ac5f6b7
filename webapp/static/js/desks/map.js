// The map beside a list: the communities, the cases of the page, and the chosen one on top.

import { getJson } from "../mapping/office/data.js";
import { caseIcon } from "../mapping/office/signs.js";
import { whenMap } from "../mapping/ready.js";

const ICONS = "/static/vendor/bootstrap-icons/icons/";
const CLOSE_UP = 17;
const STRIP_PX = 250; // lower than this (above the panel on a phone) it shows the chosen case alone

export class DeskMap {
  constructor(elementId, facts, onSelect) {
    this.facts = facts;
    this.onSelect = onSelect;
    this.signs = new Map();
    this.fitted = false;
    this.strip = false;
    this.ready = whenMap(elementId).then((map) => {
      this.map = map;
      this.group = L.layerGroup().addTo(map);
      map.on("resize", () => this.resized()); // the panel took its place, or it is seen at last
      this.drawCommunities();
      return map;
    });
  }

  async drawCommunities() {
    const { office, revision } = this.facts;
    const ask = { office, revision, layer: "communities", zoom: 14 };
    const areas = await getJson("/map/areas.json", ask).catch(() => null);
    if (!areas) return; // the cases are what matters; the list says more when the server is away
    L.geoJSON(areas, {
      style: ({ id }) => ({ className: `map-tint map-tint-${(Number(id) % 6) + 1} map-outline-thin` }),
      interactive: false,
    }).addTo(this.map).bringToBack();
  }

  async draw(rows) {
    await this.ready;
    this.group.clearLayers();
    this.signs.clear();
    for (const { dataset } of rows) {
      if (dataset.lon === undefined) continue;
      const icon = caseIcon(dataset.lamp, `${ICONS}${dataset.sign}.svg`);
      const sign = L.marker([dataset.lat, dataset.lon], { icon, title: `${dataset.name} · ${dataset.number}`, riseOnHover: true })
        .on("click", () => this.onSelect(dataset.number))
        .addTo(this.group);
      this.signs.set(dataset.number, sign);
    }
    this.mark(this.chosen);
    if (!this.fitted) this.fit();
  }

  fit() {
    const places = [...this.signs.values()].map((sign) => sign.getLatLng());
    const { x, y } = this.map.getSize();
    if (!places.length || !x || !y) return; // not seen yet
    this.fitted = true;
    this.map.fitBounds(L.latLngBounds(places).pad(0.1), { maxZoom: CLOSE_UP, animate: false });
    if (this.chosen) this.follow(this.chosen);
  }

  resized() {
    const grew = this.strip && this.map.getSize().y >= STRIP_PX;
    if (!this.fitted || grew) this.fit();
    else if (this.chosen) this.follow(this.chosen);
  }

  async show({ dataset }) {
    await this.ready;
    this.mark(dataset.number);
    this.follow(dataset.number);
  }

  follow(number) {
    const at = this.signs.get(number)?.getLatLng();
    if (!at) return;
    this.strip = this.map.getSize().y < STRIP_PX;
    const zoom = this.strip ? Math.max(this.map.getZoom(), CLOSE_UP - 1) : this.map.getZoom();
    if (this.strip || !this.map.getBounds().pad(-0.15).contains(at)) this.map.setView(at, zoom, { animate: false });
  }

  mark(number) {
    this.signs.get(this.chosen)?.setZIndexOffset(0).getElement()?.classList.remove("chosen");
    this.chosen = number;
    this.signs.get(number)?.setZIndexOffset(1000).getElement()?.classList.add("chosen");
  }
}
