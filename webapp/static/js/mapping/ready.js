// Where the pages' own scripts get hold of the maps that Folium's script makes.

const maps = new Map(); // element id -> {promise, resolve}

function entry(elementId) {
  if (!maps.has(elementId)) {
    const waiting = {};
    waiting.promise = new Promise((resolve) => { waiting.resolve = resolve; });
    maps.set(elementId, waiting);
  }
  return maps.get(elementId);
}

/** The Leaflet map in this element, once it is there: Promise<L.Map>. */
export function whenMap(elementId) {
  return entry(elementId).promise;
}

/** Called by the script of the map itself. */
export function announceMap(map, { id, bounds }) {
  if (bounds) map.fitBounds(bounds, { animate: false });
  map.attributionControl?.setPrefix(false);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  entry(id).resolve(map);
  document.dispatchEvent(new CustomEvent("wangge:map", { detail: { id, map } }));
}
