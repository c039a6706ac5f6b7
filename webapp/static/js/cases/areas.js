// The boundaries on a map of one place, so that it can be read without a base map.
const GRIDS_FROM_ZOOM = 16;
const COMMUNITY_DETAIL = 17; // as exact as the eye can tell at the closest zoom
const COMMUNITY = { color: "#17426f", weight: 2, opacity: 0.7, fillColor: "#fff", fillOpacity: 0.55, interactive: false };
const GRID = { color: "#1f5c99", weight: 1, opacity: 0.55, fill: false, interactive: false };

async function areas(query) {
  const answer = await fetch(`/map/areas.json?${new URLSearchParams(query)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json() : null; // the report's map serves without them, too
}

export async function drawAreas(map, office) {
  const communities = await areas({ layer: "communities", zoom: COMMUNITY_DETAIL, office });
  if (!communities) return;
  L.geoJSON(communities, { style: () => COMMUNITY, onEachFeature: (feature) => name(map, feature) }).addTo(map);
  let grids = null;
  async function drawGrids() {
    if (!map.getSize().x) return; // hidden behind another step
    if (map.getZoom() < GRIDS_FROM_ZOOM) {
      grids?.remove();
      return;
    }
    const bbox = map.getBounds().pad(0.2).toBBoxString();
    const found = await areas({ layer: "grids", zoom: Math.round(map.getZoom()), bbox, office });
    if (!found) return;
    grids?.remove();
    grids = L.geoJSON(found, { style: () => GRID }).addTo(map);
  }
  map.on("moveend", drawGrids);
  drawGrids();
}

function name(map, feature) {
  const { label, name: text } = feature.properties;
  if (!label) return;
  const words = document.createElement("span");
  words.textContent = text;
  L.tooltip({ permanent: true, direction: "center", className: "report-area-name", interactive: false })
    .setLatLng([label[1], label[0]])
    .setContent(words)
    .addTo(map);
}
