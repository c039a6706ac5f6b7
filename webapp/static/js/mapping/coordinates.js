// A control that says where the pointer is (or, where there is none, the middle of the map), in
// the datum that the person has chosen.

import { DATUMS, fromWgs84 } from "./datums.js";

const REMEMBERED = "wangge.datum";
const NAMES = { wgs84: "WGS-84", gcj02: "GCJ-02", bd09: "BD-09", cgcs2000: "CGCS2000" };

export function addCoordinates(map, { label }) {
  const box = L.DomUtil.create("div", "map-coordinates leaflet-bar");
  const choice = L.DomUtil.create("select", "map-coordinates-datum", box);
  const text = L.DomUtil.create("output", "map-coordinates-text", box);
  choice.setAttribute("aria-label", label);
  for (const datum of DATUMS) choice.add(new Option(NAMES[datum], datum));
  choice.value = DATUMS.find((datum) => datum === localStorage.getItem(REMEMBERED)) ?? "wgs84";

  let place = map.getCenter();
  const show = (latlng) => {
    place = latlng.wrap();
    const [lon, lat] = fromWgs84(place.lng, place.lat, choice.value);
    text.textContent = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  };
  choice.addEventListener("change", () => {
    localStorage.setItem(REMEMBERED, choice.value);
    show(place);
  });
  map.on("mousemove", (event) => show(event.latlng));
  map.on("mouseout moveend", () => show(map.getCenter()));

  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  control.addTo(map);
  show(place);
}
