// The signs on the map: a ring for many cases, a lamp with the picture of its kind for one.

import { sum, svg } from "./dom.js";

const SHAPES = { // in a box of 32, with the place and size of the picture inside
  green: { d: "M16 3a13 13 0 1 1 0 26a13 13 0 1 1 0-26z", x: 9, y: 9, size: 14 },
  amber: { d: "M16 1 L31 28 Q31 30 29 30 L3 30 Q1 30 1 28 Z", x: 10, y: 15, size: 12 },
  red: { d: "M4 4h24v24H4z", x: 9, y: 9, size: 14 },
  paused: { d: "M1 8h30v16H1z", x: 10, y: 10, size: 12 },
  none: { d: "M16 7a9 9 0 1 1 0 18a9 9 0 1 1 0-18z", x: 11, y: 11, size: 10 },
};

function icon(picture, size, className) {
  return L.divIcon({ html: picture, className: `map-sign ${className}`, iconSize: [size, size] });
}

export function caseIcon(lamp, image) {
  const { d, x, y, size } = SHAPES[lamp];
  const picture = svg("svg", { viewBox: "0 0 32 32", class: `map-lamp-sign lamp-${lamp}` },
    svg("path", { d }),
    svg("image", { href: image, x, y, width: size, height: size }));
  return icon(picture, 30, "map-case");
}

/** A ring whose arcs are the shares of the lamps, the number inside, the overdue at its corner. */
export function clusterIcon(counts, lamps) {
  const total = sum(counts);
  const size = Math.round(Math.min(36 + 7 * Math.log10(total), 62));
  const overdue = counts[lamps.indexOf("red")];
  const picture = svg("svg", { viewBox: "-50 -50 100 100", class: "map-cluster-sign" },
    svg("circle", { r: 46, class: "map-cluster-back" }),
    ...arcs(counts, lamps),
    svg("text", { class: `map-cluster-number digits-${String(short(total)).length}` }, short(total)),
    overdue > 0 && overdueTag(overdue));
  return icon(picture, size, "map-cluster");
}

function arcs(counts, lamps) {
  const radius = 41;
  const whole = 2 * Math.PI * radius;
  const total = sum(counts);
  let before = 0;
  return counts.map((count, at) => {
    const share = (count / total) * whole;
    const arc = count > 0 && svg("circle", {
      r: radius,
      class: `map-arc lamp-${lamps[at]}`,
      "stroke-dasharray": `${share} ${whole - share}`,
      "stroke-dashoffset": -before,
      transform: "rotate(-90)",
    });
    before += share;
    return arc;
  });
}

function overdueTag(overdue) {
  const words = short(overdue);
  const width = 16 + 15 * words.length;
  return svg("g", { class: "map-cluster-overdue" },
    svg("rect", { x: 50 - width + 8, y: -58, width, height: 34 }),
    svg("text", { x: 58 - width / 2, y: -40 }, words));
}

function short(number) {
  return number < 10_000 ? String(number) : `${Math.round(number / 1000)}k`;
}
