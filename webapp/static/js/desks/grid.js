// The desk of who walks the grids: what is nearest comes first, and their own grids are on the map.
import { toast } from "../app.js";
import { boxText, getJson } from "../mapping/office/data.js";
import { whenMap } from "../mapping/ready.js";
import { desk } from "./desk.js";

const DUE_FIRST = "desk.due-first"; // chosen in this tab
const WAIT_MS = 10000;
const GRIDS_FROM_ZOOM = 12;
const button = document.getElementById("desk-nearest");
const { grids, words } = JSON.parse(document.getElementById("grid-facts").textContent);

function order(near) {
  const params = new URLSearchParams(location.search);
  params.delete("after");
  if (near) params.set("near", near);
  else params.delete("near");
  const query = params.toString();
  history.replaceState(null, "", query ? `${location.pathname}?${query}` : location.pathname);
  button.setAttribute("aria-pressed", String(Boolean(near)));
  return desk.refresh();
}

function askDevice(quiet) {
  if (!navigator.geolocation) {
    if (!quiet) toast(words.nowhere, "warning");
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => order(`${coords.longitude.toFixed(5)},${coords.latitude.toFixed(5)}`),
    (error) => !quiet && toast(error.code === error.PERMISSION_DENIED ? words.denied : words.nowhere, "warning"),
    { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 30000 },
  );
}

async function isAllowed() {
  const asked = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  return asked?.state === "granted";
}

button.addEventListener("click", () => {
  const pressed = button.getAttribute("aria-pressed") === "true";
  if (pressed) {
    sessionStorage.setItem(DUE_FIRST, "1");
    order(null);
  } else {
    sessionStorage.removeItem(DUE_FIRST);
    askDevice(false);
  }
});

async function begin() {
  if (new URLSearchParams(location.search).has("near")) {
    button.setAttribute("aria-pressed", "true");
  } else if (!sessionStorage.getItem(DUE_FIRST) && (await isAllowed())) {
    askDevice(true);
  }
}

async function drawOwn() {
  if (!document.getElementById("desk-map") || !grids.length) return;
  const map = await whenMap("desk_map");
  const own = new Set(grids);
  let layer = null;
  let looked = false;
  async function draw() {
    if (!map.getSize().x || map.getZoom() < GRIDS_FROM_ZOOM) return;
    const ask = { layer: "grids", zoom: Math.round(map.getZoom()), bbox: boxText(map.getBounds().pad(0.2)) };
    const found = await getJson("/map/areas.json", { ...ask, office: desk.facts.office, revision: desk.facts.revision }).catch(() => null);
    if (!found) return; // the cases are what matters
    layer?.remove();
    layer = L.geoJSON(found, {
      filter: ({ id }) => own.has(Number(id)),
      style: { className: "desk-own-grid" },
      interactive: false,
    }).addTo(map);
    if (!looked && !desk.list.rows().length && layer.getBounds().isValid()) {
      looked = true; // with no case in the list, the map shows where they walk
      map.fitBounds(layer.getBounds(), { animate: false });
    }
  }
  map.on("moveend", draw);
  draw();
}

begin();
drawOwn();
