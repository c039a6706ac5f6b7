// The map of an office: puts the parts together and keeps them in step with the view.

import { whenMap } from "../ready.js";
import { AreaLayers } from "./areas.js";
import { Card } from "./card.js";
import { CaseLayers } from "./cases.js";
import { boxText, getJson, snapped } from "./data.js";
import { sum } from "./dom.js";
import { Filters } from "./filters.js";
import { Labels } from "./labels.js";
import { drawLegend } from "./legend.js";
import { setUpSearch } from "./search.js";
import { readAddress, writeAddress } from "./state-in-url.js";

const PAUSE_MS = 80;
const page = document.getElementById("map-page");
const part = (id) => document.getElementById(id);
const facts = JSON.parse(part("map-facts").textContent);
const map = await whenMap("office_map");

const card = new Card(part("map-card"), facts, (shown) => {
  areas.mark(shown?.grid ?? null);
  if (shown) openDrawer(false);
  if (!following) writeAddress(map, filters.read(), shown, { step: true });
});
const areas = new AreaLayers(map, facts, openArea);
const labels = new Labels(map);
const cases = new CaseLayers(map, facts, (some) => card.cases(some));
const filters = new Filters(part("map-filters"), page.querySelector(".map-lamps"), () => {
  writeAddress(map, filters.read(), card.shown, { step: true });
  refresh();
});

const drawn = {}; // the addresses of the boundaries that are on the map
let asked;
let timer;
let following = false; // the address, which then need not be written

function openArea(kind, feature, layer) {
  if (kind === "community") {
    map.fitBounds(layer.getBounds(), room());
    return;
  }
  card.grid(feature.id, filters.read());
}

/** The space around a fitted view that the panel covers. */
function room() {
  const wide = window.innerWidth >= 768;
  const { width } = page.querySelector(".map-panel").getBoundingClientRect();
  return { paddingTopLeft: wide ? [width + 32, 16] : [8, 128], paddingBottomRight: [wide ? 64 : 8, 48] };
}

function showAddress() {
  const { filters: wished, view, card: open } = readAddress();
  following = true;
  filters.show(wished);
  if (view) map.setView([view.lat, view.lon], view.zoom, { animate: false });
  else map.fitBounds(facts.bounds, { ...room(), animate: false });
  if (open.case) card.case(open.case);
  else if (open.grid) card.grid(open.grid, filters.read());
  else card.close();
  following = false;
}

async function refresh() {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  page.dataset.loading = "";
  try {
    const zoom = map.getZoom();
    const shown = { office: facts.office, zoom, bbox: boxText(map.getBounds()), ...filters.read() };
    const [overview] = await Promise.all([
      getJson(facts.urls.cases, shown, signal), drawBoundaries(zoom, signal),
    ]);
    show(overview);
    part("map-error").hidden = true;
  } catch (error) {
    if (error.name === "AbortError") return;
    part("map-error").querySelector("[data-reason]").textContent = error.message;
    part("map-error").hidden = false;
  }
  delete page.dataset.loading;
}

async function drawBoundaries(zoom, signal) {
  const ask = { office: facts.office, revision: facts.revision, zoom: 2 * Math.ceil(zoom / 2) };
  const near = facts.gridsFrom !== null && zoom >= facts.gridsFrom;
  const box = boxText(snapped(map.getBounds(), zoom));
  await Promise.all([
    replace("communities", { ...ask, layer: "communities" }, signal),
    near ? replace("grids", { ...ask, layer: "grids", bbox: box }, signal) : drop("grids"),
  ]);
}

async function replace(layer, params, signal) {
  const address = JSON.stringify(params);
  if (drawn[layer] === address) return;
  const collection = await getJson(facts.urls.areas, params, signal);
  drawn[layer] = address;
  if (layer === "grids") areas.drawGrids(collection);
  else areas.drawCommunities(collection);
}

function drop(layer) {
  delete drawn[layer];
  areas.drawGrids(null);
}

function show(overview) {
  areas.colour(overview);
  cases.draw(overview);
  labels.draw(areas.tints, areas.grids, cases.boxes());
  drawLegend(page, facts, overview);
  const nothing = sum(overview.total) === 0;
  const filtered = Object.keys(filters.read()).length > 0;
  part("map-say").hidden = !nothing;
  part("map-say").textContent = nothing ? facts.words[filtered ? "none" : "noneYet"] : "";
}

function openFind(find) {
  if (find.kind === "list") {
    location.assign(`/cases?q=${encodeURIComponent(find.label)}`);
    return;
  }
  if (find.kind === "case") {
    if (find.at) map.setView([find.at[1], find.at[0]], 18);
    card.case(find.number);
    return;
  }
  const [west, south, east, north] = find.box;
  map.fitBounds([[south, west], [north, east]], { ...room(), maxZoom: 17 });
  if (find.kind === "grid") card.grid(find.area, filters.read());
}

/** On a phone the filters and the legend lie in a drawer; it and the card make room for each other. */
function openDrawer(yes) {
  page.classList.toggle("map-drawer-open", yes);
  part("map-drawer-toggle").setAttribute("aria-expanded", String(yes));
  if (yes) card.close();
}

showAddress();
map.on("moveend", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    writeAddress(map, filters.read(), card.shown);
    refresh();
  }, PAUSE_MS);
});
map.on("click", () => {
  card.close();
  openDrawer(false);
});
part("map-drawer-toggle").addEventListener("click", ({ currentTarget }) => {
  openDrawer(currentTarget.getAttribute("aria-expanded") !== "true");
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  card.close();
  openDrawer(false);
});
window.addEventListener("popstate", () => {
  showAddress();
  refresh();
});
part("map-error").querySelector("button").addEventListener("click", refresh);
setUpSearch(part("map-search"), part("map-finds"), facts, openFind);
await refresh();
