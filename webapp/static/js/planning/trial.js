// The cases that would have gone elsewhere, on the map, over the outlines of the communities.
import { whenMap } from "../mapping/ready.js";

const { points, areas } = JSON.parse(document.getElementById("trial").textContent);
const color = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const map = await whenMap("trial_map");

for (const [lon, lat, words] of points) {
  const text = document.createElement("span");
  text.textContent = words;
  L.circleMarker([lat, lon], {
    radius: 5, weight: 1, color: color("--paper"), fillColor: color("--brand"), fillOpacity: 0.9,
  }).bindTooltip(text).addTo(map);
}

if (areas) {
  const answer = await fetch(areas, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The outlines of the communities did not come: ${answer.status}`);
  L.geoJSON(await answer.json(), {
    interactive: false,
    style: { color: color("--line-strong"), weight: 1.5, fillColor: color("--brand-soft"), fillOpacity: 0.5 },
  }).addTo(map).bringToBack();
}
