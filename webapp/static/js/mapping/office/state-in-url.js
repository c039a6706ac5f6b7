// The view in the address, so that it can be sent to a colleague: filters and place.

export const FILTERS = ["state", "group", "community", "department", "since", "until", "lamp"];

export function readAddress() {
  const params = new URLSearchParams(location.search);
  const filters = {};
  for (const name of FILTERS) if (params.get(name)) filters[name] = params.get(name);
  const at = (params.get("at") ?? "").split(",").map(Number);
  const placed = at.length === 3 && at.every(Number.isFinite);
  return { filters, view: placed ? { lat: at[0], lon: at[1], zoom: at[2] } : null };
}

/** Write the view into the address; a changed filter is a step that "back" takes back. */
export function writeAddress(map, filters, { step = false } = {}) {
  const params = new URLSearchParams(location.search);
  for (const name of FILTERS) {
    if (filters[name]) params.set(name, filters[name]);
    else params.delete(name);
  }
  const { lat, lng } = map.getCenter();
  params.set("at", [lat.toFixed(5), lng.toFixed(5), map.getZoom()].join(","));
  const address = `${location.pathname}?${params.toString().replaceAll("%2C", ",")}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
