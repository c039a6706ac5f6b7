// The boundaries in force: communities tinted and named, grids as hairlines.
import { whenMap } from "../mapping/ready.js";
import { areaLayer, fetchJson, token, words } from "./shapes.js";

const TINTS = 6;
const MOST_NAMES = 80;

const box = document.querySelector(".places-map");
const [map, shapes] = await Promise.all([whenMap("places_map"), fetchJson(box.dataset.shapes)]);
const canvas = L.canvas({ padding: 0.5 });

const tints = new Map(
  shapes.communities.features.map((feature, at) => [feature.properties.code, at % TINTS + 1]),
);
const communities = areaLayer(
  shapes.communities,
  ({ properties }) => ({
    color: token("--map-outline"),
    weight: 1.6,
    fillColor: token(`--map-tint-${tints.get(properties.code)}`),
    fillOpacity: 1,
  }),
  canvas,
).addTo(map);
areaLayer(
  shapes.grids,
  () => ({ color: token("--map-hairline"), weight: 0.8, fillOpacity: 0 }),
  canvas,
).addTo(map);

if (shapes.communities.features.length <= MOST_NAMES) {
  communities.eachLayer((layer) => {
    const label = L.tooltip({ permanent: true, direction: "center", className: "place-name" });
    label.setContent(words(layer.feature.properties.name));
    label.setLatLng(layer.getBounds().getCenter()).addTo(map);
  });
}
