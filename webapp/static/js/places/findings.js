// Findings beside the map: a list by kind, each entry shows its place.
import { whenMap } from "../mapping/ready.js";
import { areaLayer, drawable, fetchJson, token } from "./shapes.js";

const AT_A_TIME = 100;
const labels = JSON.parse(document.getElementById("findings-words").textContent);
const box = document.querySelector(".findings-map");
const list = document.getElementById("findings");

let map;
let marked; // the layer of the finding that is shown

function style(severity, weight) {
  const color = token(severity === "error" ? "--lamp-red" : "--lamp-amber");
  return { color, weight, fillColor: color, fillOpacity: 0.35 };
}

function show(feature, button) {
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  marked?.remove();
  if (!feature.geometry) return;
  const options = () => style(feature.properties.severity, 4);
  marked = L.geoJSON(feature, {
    style: options,
    pointToLayer: (_feature, latlng) => L.circleMarker(latlng, { radius: 10, ...options() }),
  }).addTo(map);
  map.fitBounds(marked.getBounds(), { maxZoom: 18, padding: [60, 60] });
  if (box.getBoundingClientRect().top < 0) box.scrollIntoView({ block: "nearest" });
}

function entry(feature) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = `finding finding-${feature.properties.severity}`;
  button.textContent = feature.properties.words;
  button.addEventListener("click", () => show(feature, button));
  item.append(button);
  return item;
}

/** One kind: a heading with its count, and its first entries; more when asked for. */
function group(kind, features) {
  const section = document.createElement("details");
  section.id = `kind-${kind}`;
  section.open = true;
  const head = document.createElement("summary");
  head.textContent = `${features[0].properties.label} · ${features.length}`;
  const items = document.createElement("ul");
  const more = document.createElement("button");
  more.type = "button";
  more.className = "btn btn-outline-secondary";
  more.textContent = labels.more;
  const add = () => {
    const from = items.childElementCount;
    items.append(...features.slice(from, from + AT_A_TIME).map(entry));
    more.hidden = items.childElementCount >= features.length;
  };
  more.addEventListener("click", add);
  section.append(head, items, more);
  add();
  return section;
}

function fillList(features) {
  const kinds = Map.groupBy
    ? Map.groupBy(features, (feature) => feature.properties.kind)
    : features.reduce(
        (groups, feature) =>
          groups.set(feature.properties.kind, [
            ...(groups.get(feature.properties.kind) ?? []),
            feature,
          ]),
        new Map(),
      );
  list.replaceChildren(...[...kinds].map(([kind, found]) => group(kind, found)));
}

function draw({ areas, findings }) {
  const canvas = L.canvas({ padding: 0.5 });
  const outline = { color: token("--map-outline"), weight: 1, fillColor: token("--map-tint-1"), fillOpacity: 0.6 };
  areaLayer(areas, () => outline, canvas).addTo(map);
  L.geoJSON(drawable({ type: "FeatureCollection", features: findings }), {
    renderer: canvas,
    interactive: false,
    filter: ({ properties }) => properties.kind !== "shifted_coordinates",
    style: ({ properties }) => style(properties.severity, 1.5),
    pointToLayer: ({ properties }, latlng) =>
      L.circleMarker(latlng, { renderer: canvas, radius: 6, ...style(properties.severity, 2) }),
  }).addTo(map);
}

try {
  const shapes = await fetchJson(box.dataset.shapes);
  const found = shapes.findings.features;
  if (list) fillList(found);
  map = await whenMap("findings_map");
  draw({ areas: shapes.areas, findings: found });
} catch (error) {
  if (list) list.textContent = labels.failed;
  throw error;
}
