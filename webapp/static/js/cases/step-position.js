// Where the person stands who reports in: asked of the device, shown as a distance from the case.
const WAIT_MS = 12000;
const EARTH_M = 6371008.8;

export function askPosition(form, { point, words }) {
  const line = form.querySelector("[data-position-words]");
  const unknown = () => {
    line.textContent = words.no_position;
  };
  if (form.elements.lon.value) return;
  if (!navigator.geolocation) {
    unknown();
    return;
  }
  line.textContent = words.searching;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lon.value = coords.longitude.toFixed(7);
      form.elements.lat.value = coords.latitude.toFixed(7);
      const metres = point ? metresBetween(point, [coords.longitude, coords.latitude]) : null;
      line.textContent = metres === null ? "" : words.away.replace("{distance}", shown(metres));
    },
    unknown,
    { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 15000 },
  );
}

/** Near enough for a hint; the server measures what is kept. */
function metresBetween([lon1, lat1], [lon2, lat2]) {
  const radians = Math.PI / 180;
  const x = (lon2 - lon1) * radians * Math.cos(((lat1 + lat2) / 2) * radians);
  const y = (lat2 - lat1) * radians;
  return Math.hypot(x, y) * EARTH_M;
}

const shown = (metres) => (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`);
