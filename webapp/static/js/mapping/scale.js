// The scale bar, in metres alone (Folium's own shows miles as well).

export function addScale(map) {
  L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
}
