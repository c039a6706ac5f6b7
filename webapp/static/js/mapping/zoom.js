// The buttons to zoom. Folium hands on no titles of theirs, and Leaflet's own are English.

export function addZoomButtons(map, options) {
  L.control.zoom(options).addTo(map);
}
