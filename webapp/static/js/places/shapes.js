// Areas on a map of the boundaries' pages. Names from files are text, never markup.

/** A span with these words, for tooltips and labels. */
export function words(text, className = "") {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

/** The value of a token in tokens.css or map.css. */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Areas as a layer: `style` is Leaflet's; the tooltip says code and name. */
export function areaLayer(collection, style, renderer) {
  return L.geoJSON(drawable(collection), {
    renderer,
    style,
    onEachFeature: (feature, layer) => {
      const { code, name } = feature.properties;
      layer.bindTooltip(words(name && name !== code ? `${code} ${name}` : code), {
        sticky: true,
        className: "map-tip",
      });
    },
  });
}

/** The features that have a shape. */
export function drawable(collection) {
  return { ...collection, features: collection.features.filter((feature) => feature.geometry) };
}

/** JSON from our own server; throws where the answer is a refusal. */
export async function fetchJson(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}
