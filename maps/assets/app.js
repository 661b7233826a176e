/* Bring it up: the map, one view, one way to change it. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  PM.defaults = { language: "zh", theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light", rule: "", sel: null, finding: null, problem: null, ...PM.unfiltered() };
  PM.view = { ...PM.defaults };
  let map = null, answer = null, found = { rule: null }, clusters = [], tracks = [], labels = [], towns = [], selected = null, turn = 0, showing = null, choosing = 0;

  PM.viewLink = () => location.href.split("#")[0] + PM.toHash(PM.view, map);

  /** Change the view; resolves when everything on screen shows it, and what else was changed meanwhile. */
  PM.set = async function (patch) {
    Object.assign(PM.view, patch);
    PM.dress();
    showing = refresh(++turn);
    // A change that was overtaken is on screen when the one that overtook it is.
    for (let awaited; awaited !== showing;) await (awaited = showing);
  };

  /** Ask the engine for all that the panel says of the view. */
  function ask() {
    const { rule } = PM.view;
    return Promise.all([PM.ask("filter", { ...PM.view }),
      found.rule === rule ? found : PM.ask("findings", { rule, most: 200 }).then((f) => ({ ...f, rule }))]);
  }

  /** Bring everything in line with the view; resolves when it is on screen. */
  async function refresh(mine) {
    const told = await ask();
    if (mine !== turn) return;
    [answer, found] = told;
    // The worker draws while the page fills its panel.
    const dressed = PM.back.theme !== PM.view.theme;
    const drawn = [PM.lines.repaint(), drawPoints(), dressed && PM.ground && PM.ground.repaint()];
    fill();
    await Promise.all(drawn);
    if (mine !== turn) return;
    PM.sayCrowded();
    if (dressed) PM.back.redraw();
    remember();
  }

  PM.redrawAll = async function () {
    await Promise.all([PM.lines.repaint(), drawPoints(), PM.ground && PM.ground.repaint()]);
    PM.back.redraw();
  };

  function remember() {
    history.replaceState(null, "", PM.toHash(PM.view, map));
  }

  function fill() {
    const focus = shell.results.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    PM.swap(shell.results, PM.panel(answer, found));
    if (focus && document.activeElement.dataset.k !== focus) PM.refocus(shell.results, focus);
    PM.showTime();
    if (selected) showCard();
  }

  async function drawPoints() {
    const seen = PM.cells.box(map.getBounds()), box = PM.cells.box(map.getBounds().pad(0.35));
    const zoom = map.getZoom(), { from, until } = PM.view;
    const side = (zoom >= 16 ? 4 : 72) / PM.cells.scale(zoom);
    const wantsTracks = from != null && PM.about.tracks > 0;
    [clusters, tracks, labels] = await Promise.all([
      PM.about.meta.handover ? [] : PM.ask("clusters", { box, side }),
      wantsTracks ? PM.ask("tracks", { from, until }) : [],
      PM.ask("names", { box: seen, scale: PM.cells.scale(zoom) }),
      PM.askGrey(box, zoom),
    ]);
    PM.front.redraw();
  }

  const CARDS = { segment: (s) => PM.segmentCard(s.card), problem: (s) => PM.problemCard(s.problem), finding: (s) => PM.findingCard(s.finding), handover: (s) => PM.handoverCard(s.handover),
    grey: (s) => PM.greyCard(s.grey) };

  function showCard() {
    shell.card.hidden = !selected;
    shell.card.replaceChildren(...(selected ? [CARDS[selected.kind](selected)] : []));
    document.documentElement.classList.toggle("pm-has-card", Boolean(selected));
    for (const b of shell.results.querySelectorAll("[aria-current]")) b.removeAttribute("aria-current");
    const id = selected && selected.card ? "gap:" + selected.card.id : null;
    for (const b of shell.results.querySelectorAll("[data-k]")) if (b.dataset.k === id) b.setAttribute("aria-current", "true");
  }

  /** Who opens a card with the keyboard is led into it, and back to the list when it closes. */
  function lead(opened) {
    const { activeElement: from } = document;
    if (opened && from.matches(".pm-results button:focus-visible")) {
      shell.opener = from.dataset.k;
      shell.card.focus({ preventScroll: true });
    } else if (!opened && shell.opener) {
      if (from === document.body) PM.refocus(shell.results, shell.opener);
      shell.opener = null;
    }
  }

  function select(thing) {
    choosing++;
    selected = thing;
    PM.view.sel = thing && thing.kind === "segment" ? thing.card.id : null;
    PM.view.finding = (thing && thing.finding && thing.finding.finding_id) || null;
    PM.view.problem = (thing && thing.problem && thing.problem.problem_id) || null;
    showCard();
    shell.card.scrollTop = 0;
    lead(Boolean(thing));
    PM.back.redraw();
    remember();
  }

  /** Choose a segment by its number, or null for none. */
  PM.choose = async function (i) {
    PM.forgetHandover();
    const mine = ++choosing;
    const card = i == null ? null : await PM.ask("card", i);
    // What was chosen or closed meanwhile stays so.
    if (mine === choosing) select(card ? { kind: "segment", card, lines: [card.line] } : null);
    return card;
  };

  PM.showProblem = function (problem, go) {
    select({ kind: "problem", problem, spot: problem });
    if (go && problem.placed) map.setView(PM.cells.latLng(problem.x, problem.y), Math.max(15, map.getZoom()));
  };

  PM.showGrey = (grey) => select({ kind: "grey", grey });

  PM.showHandover = (handover) => select({ kind: "handover", handover });

  /** Open the card of a finding and, unless the view is to `stay`, bring all of its stretch into view. */
  PM.showFinding = async function (finding, stay) {
    const mine = ++choosing;
    const { segment: first, from_mm, length_mm } = finding;
    const lines = first >= 0 ? await PM.ask("stretch", { first, from_mm, length_mm }) : [];
    if (mine !== choosing) return;
    select({ kind: "finding", finding, lines, spot: lines.length ? null : finding });
    if (stay) return;
    if (lines.length) view(lines.flat());
    else if (finding.placed) map.setView(PM.cells.latLng(finding.x, finding.y), Math.max(14, map.getZoom()));
  };

  /** What of the map lies free: beside the card and the slider or, on a phone, above the card. */
  function padding() {
    const box = map.getContainer().getBoundingClientRect(), card = shell.card.getBoundingClientRect();
    const free = PM.narrow() ? [30, Math.max(20, box.bottom - (card.top || box.bottom) + 20)] : [400, 120];
    return { paddingTopLeft: [30, PM.narrow() ? 20 : 60], paddingBottomRight: free };
  }

  function view(line, room = padding()) {
    map.fitBounds(L.latLngBounds(line.map(([x, y]) => PM.cells.latLng(x, y))), { maxZoom: 16, ...room });
  }

  PM.viewLine = view;

  /** Choose a segment and bring it into view. */
  PM.go = async function (i) {
    const card = await PM.choose(i);
    if (selected && selected.card === card) view(card.line);
    return card;
  };

  /** Choose where a gap begins and bring all of it into view. */
  PM.goGap = async function ({ i, from_mm, length_mm }) {
    const card = await PM.choose(i);
    const lines = await PM.ask("stretch", { first: i, from_mm, length_mm });
    if (selected && selected.card === card) view(lines.flat());
  };

  /** Open the card that an address names, if there still is one. */
  async function openNamed({ sel, finding, problem }, stay) {
    if (sel) return self.patrolmap.select(sel, stay);
    const table = finding ? "finding" : problem ? "problem" : null;
    const thing = table && await PM.ask("named", { table, id: finding || problem });
    if (!thing) return selected && PM.choose(null);
    return finding ? PM.showFinding(thing, stay) : PM.showProblem(thing, !stay);
  }

  /** Bring everything shown into view. */
  PM.fit = async function () {
    const b = await PM.ask("extent", null);
    if (b) map.fitBounds(L.latLngBounds(PM.cells.latLng(b[0], b[1]), PM.cells.latLng(b[2], b[3])), { padding: [30, 30], maxZoom: 16 });
  };

  function listen() {
    map.on("moveend", () => {
      PM.later("points", drawPoints);
      remember();
    });
    map.on("mousemove", (e) => hover(e.originalEvent.buttons || PM.measuring ? null : e));
    map.on("mouseout", () => hover(null));
    map.on("click", clicked);
    document.addEventListener("keydown", pressed);
    window.addEventListener("hashchange", fromAddress);
  }

  let pointer = null, asking = false;

  /** Follow the pointer, null when it points at nothing; where it comes to rest while an answer is awaited is asked next. */
  async function hover(e) {
    pointer = e;
    if (asking) return;
    asking = true;
    try {
      for (let asked; asked !== pointer;) {
        asked = pointer;
        tip(asked && await under(asked), asked && asked.containerPoint);
      }
    } finally {
      asking = false;
    }
  }

  /** What lies under the pointer: `id` changes when it does, `nodes` are its words; or null. */
  async function under(e) {
    const grey = await PM.greyAt(e.layerPoint, 7);
    if (grey) return PM.greyTip(grey);
    const [x, y] = PM.cells.cell(e.latlng);
    const brief = await PM.ask("hit", { x, y, reach: 8 / PM.cells.scale(map.getZoom()) });
    return brief && {
      id: brief.i + brief.state,
      nodes: () => [PM.sample(brief.state, PM.view.theme), el("b", {}, brief.name || t("unnamed")),
        el("span", {}, PM.chainage(brief.from_mm)), el("span", {}, t(brief.state))],
    };
  }

  async function clicked(e) {
    if (PM.measuring) {
      PM.measuring.push(e.latlng);
      return PM.front.redraw();
    }
    const mark = clusters.find((c) => c.px != null && Math.hypot(c.px - e.layerPoint.x, c.py - e.layerPoint.y) < 14);
    if (mark && mark.n === 1) return PM.showProblem(await PM.ask("problem", mark.p));
    if (mark) return map.setView(PM.cells.latLng(mark.x, mark.y), Math.min(map.getMaxZoom(), map.getZoom() + 2));
    if (PM.openHandoverAt(e.layerPoint)) return null;
    const grey = await PM.greyAt(e.layerPoint, 10);
    if (grey) return PM.showGrey(grey);
    const [x, y] = PM.cells.cell(e.latlng);
    const brief = await PM.ask("hit", { x, y, reach: 14 / PM.cells.scale(map.getZoom()) });
    return PM.choose(brief ? brief.i : null);
  }

  function pressed(e) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && e.target.type !== "range";
    if (e.key === "Escape") {
      if (PM.measuring) PM.measure();
      else if (selected) PM.choose(null);
    }
    if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "/") {
      e.preventDefault();
      document.getElementById("pm-search").focus();
    }
    if (e.key === "n" || e.key === "p") step(e.key === "n" ? 1 : -1);
  }

  /** The next or previous of the worst gaps. */
  function step(by) {
    const gaps = answer.gaps;
    if (!gaps.length) return;
    const at = gaps.findIndex((g) => g.id === PM.view.sel);
    PM.goGap(gaps[(at < 0 ? (by > 0 ? 0 : gaps.length - 1) : at + by + gaps.length) % gaps.length]);
  }

  async function fromAddress() {
    const { view: wanted, at } = PM.fromHash(location.hash);
    if (at) map.setView([at.lat, at.lng], at.zoom, { animate: false });
    const { sel, finding, problem } = wanted;
    await PM.set({ ...PM.defaults, language: PM.view.language, theme: PM.view.theme, ...wanted });
    await openNamed({ sel, finding, problem }, Boolean(at));
  }

  /** Say what lies under the pointer; only what changed is touched, for the pointer moves sixty times a second. */
  function tip(told, at) {
    const said = told ? [told.id, PM.view.theme, PM.view.language].join() : "";
    if (shell.said !== said) {
      shell.said = said;
      shell.tip.hidden = !told;
      map.getContainer().classList.toggle("pm-over", Boolean(told));
      if (told) shell.tip.replaceChildren(...told.nodes());
    }
    if (!told) return;
    shell.tip.style.transform = "translate(" + Math.round(at.x + 14) + "px," + Math.round(at.y + 16) + "px)";
  }

  function openMap(at) {
    PM.cells = new PM.Cells(PM.about.meta);
    map.createPane("pm-back").style.zIndex = 250;
    map.createPane("pm-front").style.zIndex = 450;
    map.getPane("pm-front").style.pointerEvents = "none";
    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    PM.background(map, PM.about.meta.background);
    const b = (PM.about.meta.plan && PM.planBounds()) || PM.handoverBounds() || PM.about.bounds;
    if (at) map.setView([at.lat, at.lng], at.zoom, { animate: false });
    else if (PM.about.segments) {
      map.fitBounds(L.latLngBounds(PM.cells.latLng(b[0], b[1]), PM.cells.latLng(b[2], b[3])), { paddingTopLeft: [4, 4], paddingBottomRight: [4, PM.narrow() || PM.about.meta.plan ? 4 : 112], animate: false });
    }
    PM.lines = new PM.SegmentLayer(PM.cells, () => PM.view);
    PM.lines.on("load", PM.sayCrowded);
    PM.back = new PM.CanvasLayer("pm-back", (ctx, project, zoom) => {
      PM.back.theme = PM.view.theme;
      PM.drawAreas(ctx, project);
      if (selected && selected.lines) PM.drawSelection(ctx, selected.lines, project, zoom);
      if (selected && selected.spot && selected.spot.placed) PM.drawSpot(ctx, project(selected.spot.x, selected.spot.y));
    }, "moveend resize");
    PM.under = new PM.CanvasLayer("pm-back", (ctx, project) => PM.drawTowns(ctx, towns, project), "");
    PM.front = new PM.CanvasLayer("pm-front", (ctx, project, zoom) => {
      const room = new PM.Room();
      PM.keepMarks(ctx, PM.about.meta.plan ? PM.stepMarks() : clusters, project, zoom, room);
      PM.drawNames(ctx, project, zoom, room);
      PM.drawLabels(ctx, project, labels, zoom, room);
      towns = PM.placeTowns(ctx, project, zoom, room);
      PM.under.redraw();
      PM.drawTracks(ctx, tracks, project, zoom);
      PM.drawGrey(ctx, project, zoom);
      PM.drawParts(ctx, project, zoom, room);
      PM.drawRoutes(ctx, project);
      PM.drawHandover(ctx, project);
      // On a plan the only numbers are those of its steps.
      if (!PM.about.meta.plan) PM.drawProblems(ctx, clusters, project);
      PM.drawMeasure(ctx, map);
    }, "");
  }

  /** Resolve when what was drawn last is seen. */
  const seen = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

  PM.start = async function (leafletMap) {
    map = PM.map = leafletMap;
    try {
      const { view: wanted, at } = PM.fromHash(location.hash);
      PM.view = { ...PM.defaults, ...wanted };
      // Asked all at once: what the engine takes long for is answered while the page makes its map.
      const opened = PM.ask("open", null), told = ask(), spacing = PM.ask("spacing", null);
      const first = await opened;
      PM.about = first.locked ? await PM.unlocked(first) : first;
      delete document.documentElement.dataset.locked;
      PM.defaults.language = PM.about.meta.language;
      PM.view = { ...PM.defaults, ...wanted };
      PM.dress();
      openMap(at);
      const loaded = PM.about.segments && new Promise((resolve) => PM.lines.once("load", resolve));
      PM.lines.addTo(map);
      PM.prepare();
      [answer, found] = await told;
      fill();
      PM.spacing = await spacing;
      PM.back.addTo(map);
      if (PM.about.towns.length) PM.under.addTo(map);
      PM.front.addTo(map);
      // Before the page is called ready: who acts at once must be heard.
      listen();
      await Promise.all([loaded, drawPoints()]);
      await seen();
      document.documentElement.dataset.ready = "true";
      performance.mark("patrolmap-ready");
      await openNamed(wanted, Boolean(at));
    } catch (error) {
      shell.results.replaceChildren(el("p", { role: "alert" }, t("broken", { why: error.message })));
      throw error;
    }
  };

  /** Resolve when nothing is on its way: no answer, no tile, no move of the map, no work put off to the next frame. */
  async function settled() {
    const busy = () => PM.awaited() || PM.putOff() || map._animatingZoom || (map._panAnim && map._panAnim._inProgress) || PM.lines.isLoading();
    // What one answer sets off is seen in the frame after it.
    for (let calm = 0; calm < 2; calm = busy() ? 0 : calm + 1) await new Promise((next) => requestAnimationFrame(next));
  }

  const byName = (record, per) => Object.fromEntries(Object.entries(record).map(([k, v]) => [k, per(v)]));
  // What tests and power users may rely on.
  self.patrolmap = {
    /** Segments, kilometres and problems shown, and what the states and metres of the filters add up to. */
    counts: () => ({
      segments: answer.segments, km: answer.mm / 1e6, total_km: answer.total_mm / 1e6,
      states: byName(answer.states, (v) => ({ segments: v.segments, km: v.mm / 1e6 })),
      metres: byName(answer.metres, (v) => v / 1000), problems: { ...answer.problems },
    }),
    /** Change the view; resolves with the counts once everything is drawn. */
    filter: async (patch) => {
      await PM.set(patch);
      return self.patrolmap.counts();
    },
    /** Open the card of a segment, `course@millimetres` or any chainage within; null if there is none. */
    select: async (id, stay) => {
      const i = await PM.ask("find", id);
      return i < 0 ? null : stay ? PM.choose(i) : PM.go(i);
    },
    settled,
    state: () => ({ ...PM.view, hash: PM.toHash(PM.view, map) }),
  };

  const shell = PM.buildShell();
})();
