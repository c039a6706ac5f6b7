// The operator's tiles under our features, moved where their datum is a shifted one.
//
// Tiles drawn in GCJ-02 or BD-09 lie hundreds of metres off our WGS-84 features. The layer as a
// whole is moved by the shift at the middle of the map, anew after every move. From the middle
// outward the shift of GCJ-02 changes by at most 4 m a kilometre, that of BD-09 by 18 m: the picture
// is exact in the middle and, on a screen 1,440 pixels wide, at its edge off by 3 pixels at most
// (13 for BD-09), at any zoom. Besides, the formula itself is about 10 m uncertain (15 m for BD-09).
// Tiles must be numbered the usual way ({z}/{x}/{y}, Web Mercator): the scheme of Baidu's own
// servers is another and does not fit.

import { fromWgs84 } from "./datums.js";

function shifted(datum, center) {
  const [lon, lat] = fromWgs84(center.lng, center.lat, datum);
  return L.latLng(lat, lon);
}

function shiftedTileLayer() {
  return L.TileLayer.extend({
    onAdd(map) {
      L.TileLayer.prototype.onAdd.call(this, map);
      map.on("moveend", this._follow, this);
    },
    onRemove(map) {
      map.off("moveend", this._follow, this);
      L.TileLayer.prototype.onRemove.call(this, map);
    },
    _follow() {
      this._setZoomTransforms(this._map.getCenter(), this._map.getZoom());
    },
    _setZoomTransform(level, center, zoom) {
      const moved = shifted(this.options.datum, center);
      L.TileLayer.prototype._setZoomTransform.call(this, level, moved, zoom);
    },
    _getTiledPixelBounds(center) {
      const moved = shifted(this.options.datum, center);
      return L.TileLayer.prototype._getTiledPixelBounds.call(this, moved);
    },
  });
}

export function addBaseMap(map, { url, attribution, datum, maxZoom }) {
  const TileLayer = shiftedTileLayer();
  new TileLayer(url, { attribution, datum, maxZoom, className: "map-base" }).addTo(map);
}
