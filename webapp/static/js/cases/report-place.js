// Step one: the place, by the device, by a tap on the map, or typed.
import { whenMap } from "../mapping/ready.js";
import { drawAreas } from "./areas.js";

const CLOSE_ZOOM = 18;
const WAIT_MS = 12000;

export function choosePlace(form, facts, changed) {
  const { words } = facts;
  const line = form.querySelector("[data-place]");
  const fields = form.elements;
  const map = whenMap("place_map");
  let marker = null;
  let asked = 0;

  function say(text, warn = false, title = "") {
    const span = line.querySelector("span");
    span.replaceChildren();
    if (title) {
      const strong = document.createElement("strong");
      strong.textContent = title;
      span.append(strong);
    }
    span.append(text);
    line.classList.toggle("warn", warn);
  }

  function set(lat, lon, by, accuracy = "") {
    fields.lat.value = lat;
    fields.lon.value = lon;
    fields.accuracy_m.value = accuracy;
    fields.placed_by.value = by;
    fields.position.value = "";
    fields.datum.value = "wgs84";
    changed();
    return tell({ lat, lon, accuracy, datum: "wgs84" }, by);
  }

  /** Ask where the point lies, say it, and move the pin; an older answer never wins. */
  async function tell({ lat, lon, accuracy, datum }, by) {
    const turn = ++asked;
    if (datum === "wgs84") pin(lat, lon, by !== "map");
    const query = new URLSearchParams({ lat, lon, datum });
    if (accuracy) query.set("accuracy", accuracy);
    const answer = await fetch(`/api/locate?${query}`).catch(() => null);
    if (turn !== asked) return;
    const found = answer && (await answer.json().catch(() => null));
    if (!found || !answer.ok) {
      say(found?.message ?? words.tap, Boolean(found));
      return;
    }
    if (datum !== "wgs84") pin(found.lat, found.lon, true);
    describe(found, accuracy, by);
  }

  function describe(found, accuracy, by) {
    if (!found.grid) {
      const away = found.edge_distance_m ?? 0;
      if (away > facts.farthestMetres) {
        say(words.far.replace("{km}", Math.round(away / 1000).toLocaleString()), true);
        return;
      }
      const metres = Math.round(away).toLocaleString();
      const place = found.nearest ? nameOf(found.nearest) : found.office.name;
      say(words.outside.replace("{metres}", metres).replace("{place}", place), true);
      return;
    }
    const title = (by === "device" ? words.here : words.chosen).replace("{place}", nameOf(found.grid));
    const notes = [];
    if (accuracy) notes.push(words.accuracy.replace("{metres}", Math.round(accuracy)));
    const rival = found.candidates[0];
    if (found.near_edge && rival) {
      notes.push(words.near.replace("{metres}", Math.round(rival.distance_m)).replace("{place}", nameOf(rival)));
    }
    say(notes.join(" · "), found.near_edge, title);
  }

  const nameOf = (grid) => [grid.community, grid.name].filter(Boolean).join(" · ");

  async function pin(lat, lon, move) {
    const there = await map;
    if (!marker) {
      marker = L.marker([lat, lon], { draggable: true, autoPan: true, icon: pinIcon() }).addTo(there);
      marker.on("dragend", () => {
        const point = marker.getLatLng();
        set(round(point.lat), round(point.lng), "map");
      });
    }
    marker.setLatLng([lat, lon]);
    if (move) there.setView([lat, lon], Math.max(there.getZoom(), CLOSE_ZOOM), { animate: false });
  }

  function askDevice() {
    if (!navigator.geolocation) {
      say(words.no_position, true);
      return;
    }
    say(words.searching);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => set(round(coords.latitude), round(coords.longitude), "device", coords.accuracy.toFixed(1)),
      (error) => say(error.code === error.PERMISSION_DENIED ? words.denied : words.no_position, true),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 15000 },
    );
  }

  /** Typed coordinates are sent as they are; two decimals are shown on the map at once. */
  function typed() {
    fields.lat.value = "";
    fields.lon.value = "";
    fields.accuracy_m.value = "";
    fields.placed_by.value = "typed";
    changed();
    const numbers = fields.position.value.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
    if (numbers.length !== 2) return;
    const [lat, lon] = Math.abs(numbers[0]) > 90 ? [numbers[1], numbers[0]] : numbers;
    tell({ lat, lon, accuracy: "", datum: fields.datum.value }, "typed");
  }

  form.querySelector("[data-locate]").addEventListener("click", askDevice);
  fields.position.addEventListener("change", typed);
  fields.datum.addEventListener("change", typed);
  map.then((there) => {
    drawAreas(there, facts.office);
    there.on("click", ({ latlng }) => set(round(latlng.lat), round(latlng.lng), "map"));
  });

  return {
    /** Show the place that is there; on a fresh form on a phone ask the device first. */
    async show(fresh) {
      if (fields.lat.value && fields.lon.value) {
        const [lat, lon, by] = [Number(fields.lat.value), Number(fields.lon.value), fields.placed_by.value];
        await pin(lat, lon, true);
        tell({ lat, lon, accuracy: fields.accuracy_m.value, datum: "wgs84" }, by);
      } else if (fields.position.value) {
        typed();
      } else if (fresh && (matchMedia("(pointer: coarse)").matches || (await isAllowed()))) {
        askDevice();
      }
    },
  };
}

async function isAllowed() {
  const asked = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  return asked?.state === "granted";
}

const round = (degrees) => Number(degrees.toFixed(7));

function pinIcon() {
  const sign = document.createElement("div");
  const use = document.querySelector("[data-place] svg").cloneNode(true);
  use.setAttribute("fill", "currentColor");
  sign.append(use);
  return L.divIcon({ className: "report-pin", html: sign, iconSize: [36, 36], iconAnchor: [18, 36] });
}
