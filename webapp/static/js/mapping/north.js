// The north arrow, for prints and for people who look for it.

const SVG = "http://www.w3.org/2000/svg";

export function addNorth(map, { label }) {
  const control = L.control({ position: "topright" });
  control.onAdd = () => {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 24 34");
    picture.setAttribute("class", "map-north");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", label);
    for (const [kind, d] of [["lit", "M12 12 L5 32 L12 27 Z"], ["dark", "M12 12 L19 32 L12 27 Z"]]) {
      const half = document.createElementNS(SVG, "path");
      half.setAttribute("class", `map-north-${kind}`);
      half.setAttribute("d", d);
      picture.append(half);
    }
    const letter = document.createElementNS(SVG, "text");
    letter.setAttribute("x", "12");
    letter.setAttribute("y", "9");
    letter.textContent = "N";
    picture.append(letter);
    return picture;
  };
  control.addTo(map);
}
