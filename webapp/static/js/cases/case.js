// The small map of one case; a dispatcher who places it taps the map where it is.
import { whenMap } from "../mapping/ready.js";
import { drawAreas } from "./areas.js";

const facts = JSON.parse(document.getElementById("case-facts").textContent);
const form = document.querySelector("#place form");
const CLASSES = { green: "case-pin-green", amber: "case-pin-amber", red: "case-pin-red" };

function pin(map, lat, lon, look) {
  return L.circleMarker([lat, lon], { radius: 9, color: "#fff", weight: 2, fillOpacity: 1, fillColor: "currentColor", className: look, pane: "markerPane" }).addTo(map);
}

const map = await whenMap("case_map");
drawAreas(map, facts.office);
if (facts.point) pin(map, facts.point[1], facts.point[0], `case-pin ${CLASSES[facts.lamp] ?? ""}`);

if (form) {
  const line = form.querySelector("[data-new-point]");
  let chosen = null;
  let asked = 0;
  map.on("click", async ({ latlng }) => {
    const turn = ++asked;
    chosen?.remove();
    chosen = pin(map, latlng.lat, latlng.lng, "case-pin case-pin-amber");
    form.elements.lat.value = latlng.lat.toFixed(7);
    form.elements.lon.value = latlng.lng.toFixed(7);
    form.elements.grid.value = "";
    const query = new URLSearchParams({ lat: latlng.lat, lon: latlng.lng });
    const answer = await fetch(`/api/locate?${query}`).catch(() => null);
    const found = answer?.ok ? await answer.json() : null;
    if (turn !== asked || !found) return;
    line.textContent = found.grid
      ? facts.words.chosen.replace("{place}", `${found.grid.community} · ${found.grid.name}`)
      : facts.words.outside;
  });
  form.elements.grid.addEventListener("input", () => {
    form.elements.lat.value = "";
    form.elements.lon.value = "";
  });
}
