/* The map's own layers: tiles drawn by the engine, and one canvas for everything that is few. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});

  /** Turn cells of the data into Leaflet pixels at a zoom, and back. */
  PM.Cells = class {
    constructor(meta) {
      this.meta = meta;
      this.world = Math.pow(2, meta.bits);
    }
    scale(zoom) {
      return (256 * Math.pow(2, zoom)) / this.world;
    }
    latLng(x, y) {
      return L.CRS.EPSG3857.pointToLatLng(
        L.point(((x + this.meta.west) / this.world) * 256, ((y + this.meta.north) / this.world) * 256), 0);
    }
    cell(latlng) {
      const p = L.CRS.EPSG3857.latLngToPoint(latlng, 0);
      return [(p.x / 256) * this.world - this.meta.west, (p.y / 256) * this.world - this.meta.north];
    }
    /** West, north, east, south of bounds. */
    box(bounds) {
      return [...this.cell(bounds.getNorthWest()), ...this.cell(bounds.getSouthEast())];
    }
  };

  /** Put a drawn tile on its canvas: a picture as it is; bare pixels and the engine's own canvas as copies. */
  function show(tile, px, { picture, crowded }) {
    tile.crowded = crowded;
    tile.width = tile.height = px;
    if (PM.worker) PM.showPicture(tile, picture);
    else if (crowded) tile.getContext("2d").putImageData(picture, 0, 0);
    else tile.getContext("2d").drawImage(picture, 0, 0);
  }

  PM.SegmentLayer = L.GridLayer.extend({
    options: { pane: "overlayPane", updateWhenZooming: false, keepBuffer: 1, tileSize: 256, className: "pm-tile" },
    initialize(cells, look) {
      this.cells = cells;
      this.look = look;
      this.pending = new Map();
      this.on("tileunload", (e) => {
        const id = this.pending.get(e.tile);
        if (id) PM.forget([id]);
        this.pending.delete(e.tile);
      });
    },
    createTile(coords, done) {
      const tile = document.createElement("canvas");
      tile.style.width = tile.style.height = "256px";
      this.paint(tile, coords).then(() => done(null, tile), (error) => error && done(error, tile));
      return tile;
    },
    paint(tile, coords) {
      // Paper is sharper than a screen.
      const ratio = PM.printing ? 3 : Math.min(2, window.devicePixelRatio || 1);
      const scale = this.cells.scale(coords.z);
      const asked = PM.ask("tile", {
        west: (coords.x * 256) / scale - this.cells.meta.west,
        north: (coords.y * 256) / scale - this.cells.meta.north,
        scale: scale * ratio, zoom: coords.z, size: { px: 256 * ratio, ratio }, theme: this.look().theme, ground: this.options.ground,
      });
      const before = this.pending.get(tile);
      if (before) PM.forget([before]);
      this.pending.set(tile, asked.id);
      return asked.then((drawn) => {
        if (!drawn) return;
        this.pending.delete(tile);
        show(tile, 256 * ratio, drawn);
      });
    },
    /** Paint all tiles anew in place, without the flash of new tiles; resolves when those on screen are. */
    repaint() {
      const { seen, others } = this.parted();
      const painted = seen.map((t) => this.paint(t.el, t.coords));
      for (const t of others) this.paint(t.el, t.coords);
      return Promise.all(painted);
    },
    /** The tiles of this zoom: those on screen, and the others. */
    parted() {
      const zoom = this._tileZoom, size = this.getTileSize();
      const view = this._map.getPixelBounds(this._map.getCenter(), zoom);
      const inView = ({ coords }) => view.overlaps(L.bounds(coords.scaleBy(size), coords.add([1, 1]).scaleBy(size)));
      const tiles = Object.values(this._tiles || {}).filter((t) => t.coords.z === zoom);
      return { seen: tiles.filter(inView), others: tiles.filter((t) => !inView(t)) };
    },
    /** Whether a tile on screen shows lines only, as raster.js draws them. */
    crowded() {
      return Boolean(this._map) && this.parted().seen.some((t) => t.el.crowded);
    },
    /** Resolve when no tile is on its way. */
    settled() {
      return this.isLoading() ? new Promise((resolve) => this.once("load", resolve)) : Promise.resolve();
    },
  });

  /** The backdrop that came as shapes. */
  PM.GroundLayer = PM.SegmentLayer.extend({ options: { pane: "tilePane", ground: true, className: "pm-tile pm-ground" } });

  // How far the canvas reaches beyond the view, in its widths and heights: what a finger drags in is there already.
  const PAD = 0.3;

  /** A canvas over the view, redrawn after moves by `draw(ctx, project, zoom)`. */
  PM.CanvasLayer = L.Layer.extend({
    /** With `events` '' the layer is only redrawn when it is told to. */
    initialize(pane, draw, events) {
      this.draw = draw;
      this.options = { pane };
      this.events = events;
    },
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "pm-canvas leaflet-zoom-hide");
      this.canvas.setAttribute("aria-hidden", "true");
      this.getPane().appendChild(this.canvas);
      if (this.events) map.on(this.events, this.follow, this);
      this.redraw();
    },
    onRemove(map) {
      this.canvas.remove();
      if (this.events) map.off(this.events, this.follow, this);
    },
    /** Redraw where what is drawn no longer fits; after a mere move only when its edge is near, and not while the hand lets go. */
    follow() {
      const map = this._map, { origin, full, zero, zoom } = this.frame, size = map.getSize();
      if (zoom !== map.getZoom() || !zero.equals(map.getPixelOrigin())) return this.redraw();
      const corner = map.containerPointToLayerPoint([0, 0]), spare = size.multiplyBy(PAD / 3);
      const needed = L.bounds(corner.subtract(spare), corner.add(size).add(spare));
      if (L.bounds(origin, origin.add(full)).contains(needed)) return null;
      return PM.later(this.options.pane, () => this.redraw());
    },
    redraw() {
      const map = this._map;
      if (!map) return;
      const ratio = Math.min(3, window.devicePixelRatio || 1) * (PM.printing ? 2 : 1);
      const size = map.getSize();
      const from = size.multiplyBy(-PAD), full = size.multiplyBy(1 + 2 * PAD).round();
      const origin = map.containerPointToLayerPoint(from).round();
      L.DomUtil.setPosition(this.canvas, origin);
      this.canvas.style.width = full.x + "px";
      this.canvas.style.height = full.y + "px";
      this.frame = { origin, full, zero: map.getPixelOrigin(), zoom: map.getZoom() };
      PM.still(this.canvas, full.x * ratio, full.y * ratio, (ctx) => {
        ctx.scale(ratio, ratio);
        ctx.translate(-origin.x, -origin.y);
        this.draw(ctx, (x, y) => map.latLngToLayerPoint(PM.cells.latLng(x, y)), map.getZoom(), this.frame);
      });
    },
  });
})();
