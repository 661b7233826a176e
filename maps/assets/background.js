/* The picture under the lines, when the office gave one. A GCJ-02 picture is moved under the data. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});

  // Tiles are asked for where the view lies in GCJ-02, and drawn back by the same shift: near one
  // view the shift is the same to a few metres.
  const Shifted = L.TileLayer.extend({
    _setView(center, zoom, noPrune, noUpdate) {
      const there = PM.gcj02(center);
      this._shift = this._map.project(center, zoom).subtract(this._map.project(L.latLng(there.lat, there.lng), zoom)).round();
      L.TileLayer.prototype._setView.call(this, center, zoom, noPrune, noUpdate);
    },
    _getTiledPixelBounds(center) {
      const there = PM.gcj02(center);
      return L.TileLayer.prototype._getTiledPixelBounds.call(this, L.latLng(there.lat, there.lng));
    },
    _getTilePos(coords) {
      return L.TileLayer.prototype._getTilePos.call(this, coords).add(this._shift || L.point(0, 0));
    },
  });

  /** Put the background on the map and return its layers, [] for none. */
  PM.background = function (map, given) {
    if (!given) return [];
    map.attributionControl.addAttribution("");
    const layers = [];
    // Leaflet would read an attribution as markup: it is written as text below instead.
    const options = { maxZoom: 20, maxNativeZoom: given.max_zoom, subdomains: given.subdomains || "abc", pane: "tilePane", attribution: "" };
    const Kind = given.datum === "gcj02" ? Shifted : L.TileLayer;
    for (const address of [given.tiles, given.labels]) if (address) layers.push(new Kind(address, options));
    if (given.image) {
      const [west, south, east, north] = given.bounds;
      layers.push(L.imageOverlay(given.image, [[south, west], [north, east]], { pane: "tilePane" }));
    }
    for (const layer of layers) layer.addTo(map);
    const text = given.attribution + (given.datum === "gcj02" ? " · " + PM.t("approximate") : "");
    map.attributionControl.getContainer().textContent = text;
    return layers;
  };
})();
