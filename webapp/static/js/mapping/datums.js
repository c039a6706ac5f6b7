// The datums of longitudes and latitudes, by the same formula as gis/datums.py (a test in the
// browser compares the two). GCJ-02 and BD-09 are shifted; CGCS2000 is taken as WGS-84.

const AXIS_M = 6378245.0; // Krasovsky 1940
const E2 = 0.00669342162296594323;
const BD_LON = 0.0065;
const BD_LAT = 0.006;
const INVERSE_STEPS = 8;

export const DATUMS = ["wgs84", "gcj02", "bd09", "cgcs2000"];

const radians = (degrees) => (degrees * Math.PI) / 180;

function swell(value, waves) {
  return waves.reduce((sum, [height, length]) =>
    sum + height * Math.sin((Math.PI * value) / length), 0);
}

function gcjFromWgs(lon, lat) {
  const inside = lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
  if (!inside) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const ripple = 20 * Math.sin(6 * Math.PI * x) + 20 * Math.sin(2 * Math.PI * x);
  const eastM = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x))
    + ((ripple + swell(x, [[20, 1], [40, 3], [150, 12], [300, 30]])) * 2) / 3;
  const northM = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x))
    + ((ripple + swell(y, [[20, 1], [40, 3], [160, 12], [320, 30]])) * 2) / 3;
  const flat = 1 - E2 * Math.sin(radians(lat)) ** 2;
  const metresPerLat = radians((AXIS_M * (1 - E2)) / flat ** 1.5);
  const metresPerLon = radians((AXIS_M * Math.cos(radians(lat))) / Math.sqrt(flat));
  return [lon + eastM / metresPerLon, lat + northM / metresPerLat];
}

function bdFromGcj(lon, lat) {
  const radius = Math.hypot(lon, lat) + 0.00002 * Math.sin(radians(lat) * 3000);
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(radians(lon) * 3000);
  return [radius * Math.cos(angle) + BD_LON, radius * Math.sin(angle) + BD_LAT];
}

function inverse(forward, lon, lat) {
  let at = [lon, lat];
  for (let step = 0; step < INVERSE_STEPS; step += 1) {
    const there = forward(...at);
    at = [at[0] + lon - there[0], at[1] + lat - there[1]];
  }
  return at;
}

function known(datum) {
  if (!DATUMS.includes(datum)) throw new RangeError(`unknown datum ${datum}: ${DATUMS.join(", ")}`);
}

/** [lon, lat] of a WGS-84 place in another datum. */
export function fromWgs84(lon, lat, datum) {
  known(datum);
  if (datum === "gcj02") return gcjFromWgs(lon, lat);
  if (datum === "bd09") return bdFromGcj(...gcjFromWgs(lon, lat));
  return [lon, lat];
}

/** [lon, lat] in WGS-84 of a place given in a datum. */
export function toWgs84(lon, lat, datum) {
  known(datum);
  if (datum === "gcj02") return inverse(gcjFromWgs, lon, lat);
  if (datum === "bd09") return inverse(gcjFromWgs, ...inverse(bdFromGcj, lon, lat));
  return [lon, lat];
}
