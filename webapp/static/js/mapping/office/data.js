// Fetching the map's data. What fails says why in words.

export class Refused extends Error {}

export async function getJson(url, params, signal) {
  const query = new URLSearchParams(params).toString();
  const answer = await fetch(query ? `${url}?${query}` : url, {
    headers: { Accept: "application/json" },
    signal,
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(body.message ?? `${answer.status} ${answer.statusText}`);
  return body;
}

/** A box as GeoJSON writes it: west,south,east,north. */
export function boxText(bounds) {
  const corners = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  return corners.map((degrees) => degrees.toFixed(6)).join(",");
}

/** Bounds widened to a raster, so that small moves ask for the same and are answered by the cache. */
export function snapped(bounds, zoom) {
  const step = 360 / 2 ** Math.floor(zoom);
  const down = (value) => Math.floor(value / step) * step;
  const up = (value) => Math.ceil(value / step) * step;
  const [south, north] = [down(bounds.getSouth()), up(bounds.getNorth())];
  return L.latLngBounds(
    [Math.max(south, -90), down(bounds.getWest())],
    [Math.min(north, 90), up(bounds.getEast())],
  );
}
