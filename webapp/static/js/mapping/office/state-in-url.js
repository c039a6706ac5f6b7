// The view in the address, so that it can be sent to a colleague: filters, place and open card.

export const FILTERS = ["state", "group", "community", "department", "since", "until", "lamp"];

export function readAddress() {
  const params = new URLSearchParams(location.search);
  const filters = {};
  for (const name of FILTERS) if (params.get(name)) filters[name] = params.get(name);
  const at = (params.get("at") ?? "").split(",").map(Number);
  const placed = at.length === 3 && at.every(Number.isFinite);
  const view = placed ? { lat: at[0], lon: at[1], zoom: at[2] } : null;
  const grid = /^[1-9]\d*$/.test(params.get("grid")) ? Number(params.get("grid")) : null;
  return { filters, view, card: { grid, case: params.get("case") || null } };
}

/**
 * Write the view into the address; a changed filter or card is a step that "back" takes back.
 * `card` is what it shows: {grid: area id} or {case: number}, else nothing that has an address.
 */
export function writeAddress(map, filters, card, { step = false } = {}) {
  const params = new URLSearchParams(location.search);
  const values = { ...filters, grid: card?.grid, case: card?.case };
  for (const name of [...FILTERS, "grid", "case"]) {
    if (values[name]) params.set(name, values[name]);
    else params.delete(name);
  }
  const { lat, lng } = map.getCenter();
  params.set("at", [lat.toFixed(5), lng.toFixed(5), map.getZoom()].join(","));
  const address = `${location.pathname}?${params.toString().replaceAll("%2C", ",")}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
