/* The engine: takes messages, keeps the store, draws tiles. Runs in a worker, or on the page where
   there is none. Questions are answered before waiting tiles; tiles nobody wants any more are dropped. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  function fromBase64(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  function joined(chunks) {
    let n = 0;
    for (const c of chunks) n += c.length;
    const out = new Uint8Array(n);
    n = 0;
    for (const c of chunks) {
      out.set(c, n);
      n += c.length;
    }
    return out;
  }

  /** Unpack gzip where the browser cannot, with the small inflater of the page. */
  function inflated(chunks) {
    const all = joined(chunks);
    const size = new DataView(all.buffer, all.length - 4).getUint32(0, true);
    // Python's gzip writes a header of exactly ten bytes: no name, no comment.
    return PM.inflate(all.subarray(10, all.length - 8), new Uint8Array(size));
  }

  /** Unpacks chunks while later ones are still being read. */
  class Gunzip {
    constructor() {
      const stream = new DecompressionStream("gzip");
      this.writer = stream.writable.getWriter();
      this.whole = new Response(stream.readable).arrayBuffer();
      // Reported where the whole is awaited.
      this.whole.catch(() => undefined);
    }
    add(chunk) {
      this.writer.write(chunk).catch(() => undefined);
    }
    async end() {
      this.writer.close().catch(() => undefined);
      return new Uint8Array(await this.whole);
    }
  }

  function isLocked(chunk) {
    return Boolean(chunk) && chunk[0] === 0x50 && chunk[1] === 0x4d && chunk[2] === 0x45;
  }

  class Engine {
    /** `post(message, transfer)` sends an answer; `picture(drawn, px)` makes one of `canvas` or bare pixels. */
    constructor(post, canvas, picture) {
      this.post = post;
      this.canvas = canvas;
      this.picture = picture;
      // No tile of a screen is wider.
      canvas.width = canvas.height = 512;
      this.chunks = [];
      this.waiting = [];
      this.unread = [];
      this.opened = new Promise((resolve) => (this.wake = resolve));
      // A turn by message comes at once; timers within timers wait four milliseconds each.
      this.turn = new MessageChannel();
      this.turn.port1.onmessage = () => this.run();
    }

    async take(message) {
      const { id, kind, args } = message;
      if (kind === "tile") return this.queue(id, args);
      if (kind === "drop") return this.drop(args);
      // What is asked before the data are open is answered as soon as they are.
      if (kind !== "chunk" && kind !== "open") await this.opened;
      return this.told(id, async () => {
        this.answer(id, await this[kind](args));
        // Only now, so that the page makes its map while the others are answered.
        if (kind === "open" && this.query) this.wake();
      });
    }

    /** Do `work`; where it fails the page is told. */
    async told(id, work) {
      try {
        await work();
      } catch (error) {
        this.post({ id, error: String((error && error.message) || error) });
      }
    }

    answer(id, result) {
      if (id) this.post({ id, result });
    }

    chunk(text) {
      const bytes = fromBase64(text);
      if (!this.chunks.length && !this.gunzip && !isLocked(bytes) && typeof DecompressionStream !== "undefined") {
        this.gunzip = new Gunzip();
      }
      if (this.gunzip) this.gunzip.add(bytes);
      else this.chunks.push(bytes);
    }

    async plain() {
      if (this.gunzip) return this.gunzip.end();
      if (typeof DecompressionStream === "undefined") return inflated(this.chunks);
      const gunzip = new Gunzip();
      for (const chunk of this.chunks) gunzip.add(chunk);
      return gunzip.end();
    }

    /** Open the data. A locked pack answers {locked: true} until the right password comes. */
    async open(password) {
      if (isLocked(this.chunks[0])) {
        if (password == null) return { locked: true, crypto: Boolean(root.crypto && root.crypto.subtle) };
        const plain = await PM.unlock(joined(this.chunks), password);
        if (!plain) return { locked: true, wrong: true };
        this.chunks = [plain];
      }
      const store = PM.store(await this.plain());
      this.chunks = this.gunzip = null;
      this.unread = store.unread;
      this.query = new PM.Records(store);
      // The page waits for this answer, so the first stroke need not wait for the page.
      this.canvas.getContext("2d").fillRect(0, 0, 1, 1);
      return this.about();
    }

    /** What the page must know before it draws: the words, and the choices of every filter. */
    about() {
      const { meta, segments, levels, duties, problems, areas, parts, findings, visits, routes, tracks, ground, flagged_sums, left_out } = this.query.store;
      const choices = (text) => text.words.all().filter(Boolean);
      return {
        meta, bounds: segments.bounds, segments: segments.n, problems: problems.n,
        kinds: choices(segments.kind), areas: choices(segments.area), levels: levels.map((l) => l.level),
        holders: choices(duties.holder), units: choices(duties.unit), categories: choices(problems.category),
        rings: areas.rings, ring_area: areas.ring_area,
        names: { place: areas.place, name: areas.name.codes.length ? Array.from(areas.name.codes, (_, i) => areas.name.at(i)) : [] },
        parts: Array.from({ length: parts.n }, (_, i) => ({
          name: parts.name.at(i), part: parts.part.at(i), asset: parts.asset.at(i),
          placed: parts.place.placed[i], x: parts.place.x[i], y: parts.place.y[i],
        })),
        routes: Array.from({ length: routes.n }, (_, i) => ({
          crew: routes.crew.at(i), day: routes.day.at(i), kind: routes.kind.at(i), step: routes.step.at(i),
          order: routes.order[i], length_mm: routes.length_mm[i], tenths: routes.tenths[i], at_min: routes.at_min[i],
          x: routes.lines.x.slice(routes.lines.first[i], routes.lines.first[i + 1]),
          y: routes.lines.y.slice(routes.lines.first[i], routes.lines.first[i + 1]),
        })),
        ground: Boolean(ground.bits),
        // By rank: the first are those seen from afar.
        towns: Array.from(ground.rank || [], (rank, i) => ({ rank, name: ground.name.at(i), x: ground.place.x[i], y: ground.place.y[i] })),
        findings: findings.n, tracks: tracks.n, tracks_left_out: left_out.tracks,
        flagged: flagged_sums,
        reasons_left_out: left_out.reasons, days: { first: visits.first_day, km: Array.from(visits.day_mm, (mm) => mm / 1e6) },
      };
    }

    /** How near the lines lie to each other, see style.js: asked before the first tile. */
    spacing() {
      const { segments, meta } = this.query.store;
      return (PM.spacing = PM.spacingOf(segments, meta.bits));
    }
    filter(args) {
      const answer = this.query.apply(args);
      return { ...answer, gaps: answer.gaps.map(({ i, length_mm }) => ({ ...this.query.brief(i), length_mm })) };
    }
    card(i) {
      return this.query.card(i);
    }
    problem(p) {
      return this.query.problem(p);
    }
    find(id) {
      return this.query.find(id);
    }
    named({ table, id }) {
      return this.query.named(table, id);
    }
    stretch({ first, from_mm, length_mm }) {
      return this.query.stretch(first, from_mm, from_mm + length_mm);
    }
    names({ box, scale }) {
      return PM.namesWithin(this.query, box, scale);
    }
    hit({ x, y, reach }) {
      const i = this.query.hit(x, y, reach);
      return i < 0 ? null : this.query.brief(i);
    }
    search(text) {
      return PM.search(this.query, text);
    }
    extent() {
      return this.query.extent();
    }
    findings({ rule, most }) {
      return this.query.findings(rule, most);
    }
    tracks({ from, until }) {
      return this.query.tracks(from, until);
    }
    flagged({ box, side, from, until }) {
      return PM.flaggedWithin(this.query.store.flagged, box, side, from, until);
    }
    flaggedRows(rows) {
      return PM.flaggedRows(this.query.store.flagged, rows);
    }
    clusters({ box, side }) {
      return this.query.clusters(box, side);
    }

    queue(id, args) {
      this.waiting.push({ id, args });
      if (!this.running) this.again();
    }

    drop(ids) {
      const gone = new Set(ids);
      this.waiting = this.waiting.filter((w) => !gone.has(w.id));
    }

    again() {
      this.running = true;
      this.turn.port2.postMessage(null);
    }

    // One tile a turn, so that a question that arrives meanwhile is answered next; when no tile
    // waits, one column that no question has needed yet.
    run() {
      this.running = false;
      if (this.waiting.length) this.paint(this.waiting.shift());
      else if (this.unread.length) this.unread.shift()();
      if (this.waiting.length || this.unread.length) this.again();
    }

    paint({ id, args }) {
      return this.told(id, () => this.draw(id, args));
    }

    async draw(id, args) {
      const { px } = args.size;
      const { drawn, crowded } = args.ground ? this.ground(args) : this.segments(args);
      const picture = await this.picture(drawn, px);
      this.post({ id, result: { picture, crowded } }, [picture]);
    }

    segments(args) {
      const { groups, count } = PM.inTile(this.query, args), { px } = args.size;
      const crowded = PM.crowded(count, args.zoom);
      if (crowded) return { drawn: new ImageData(PM.crowdedTile(this.query, groups, args), px, px), crowded };
      return { drawn: this.stroked(px, (ctx) => PM.drawTile(ctx, this.query, groups, args)), crowded };
    }

    ground(args) {
      return { drawn: this.stroked(args.size.px, (ctx) => PM.drawGround(ctx, this.query.store, args)), crowded: false };
    }

    /** The canvas with a tile of `px` pixels in its corner. It is kept: a worker that begins a new one waits until its page is idle. */
    stroked(px, draw) {
      const { canvas } = this;
      if (canvas.width < px) canvas.width = canvas.height = px;
      const ctx = canvas.getContext("2d");
      ctx.clearRect(0, 0, canvas.width, canvas.height);
      draw(ctx);
      return canvas;
    }
  }

  PM.Engine = Engine;
  if (typeof document === "undefined" && typeof importScripts === "function") {
    const picture = (drawn, px) => createImageBitmap(drawn, 0, 0, px, px);
    const engine = new Engine((m, t) => postMessage(m, t || []), new OffscreenCanvas(1, 1), picture);
    onmessage = (event) => engine.take(event.data);
  }
})(self);
