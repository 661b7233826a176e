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

  /** Where a place in GCJ-02 lies: the shift there is the same to a few decimetres. */
  function unshifted(there) {
    const { lat, lng } = PM.gcj02(there);
    return { lat: 2 * there.lat - lat, lng: 2 * there.lng - lng };
  }

  /** Tiles that travel in the page: a place without one stays empty. */
  const inside = (Kind, given) => Kind.extend({
    getTileUrl({ z, x, y }) {
      const picture = given.inside[z + "/" + x + "/" + y];
      return picture === undefined ? L.Util.emptyImageUrl : given.pictures[picture];
    },
  });

  /** Put the background on the map and return its layers, [] for none. */
  PM.background = function (map, given) {
    if (!given) return [];
    const layers = [];
    const options = { maxZoom: 20, maxNativeZoom: given.max_zoom, subdomains: given.subdomains || "abc", pane: "tilePane", attribution: "" };
    const Kind = given.datum === "gcj02" ? Shifted : L.TileLayer;
    for (const address of [given.tiles, given.labels]) if (address) layers.push(new Kind(address, options));
    if (given.inside) layers.push(new (inside(Kind, given))("", { ...options, minNativeZoom: given.min_zoom }));
    if (given.image) {
      const [west, south, east, north] = given.bounds;
      const corner = (lat, lng) => (given.datum === "gcj02" ? unshifted({ lat, lng }) : { lat, lng });
      layers.push(L.imageOverlay(given.image, [corner(south, west), corner(north, east)], { pane: "tilePane" }));
    }
    if (PM.about.ground) layers.push((PM.ground = new PM.GroundLayer(PM.cells, () => PM.view)));
    for (const layer of layers) layer.addTo(map);
    PM.attribute();
    return layers;
  };

  /** Name the source of the background, in the page's language; Leaflet would read it as markup. */
  PM.attribute = function () {
    const given = PM.about && PM.about.meta.background;
    if (!given || !PM.map.attributionControl) return;
    PM.map.attributionControl.getContainer().textContent = [given.attribution, given.datum === "gcj02" && PM.t("approximate"),
      given.cut && PM.t("tiles_until", { z: given.max_zoom })].filter(Boolean).join(" · ");
  };
})();
