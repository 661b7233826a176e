/* Bring it up: the shell, the map, one view, one way to change it. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  PM.defaults = { language: "zh", theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light", rule: "", sel: null, ...PM.unfiltered() };
  PM.view = { ...PM.defaults };
  let shell = null, map = null, answer = null, found = { rule: null }, clusters = [], tracks = [], selected = null, turn = 0;

  function buildShell() {
    const mapBox = document.querySelector(".folium-map");
    shell = {
      title: el("h1", {}), sub: el("span", { class: "pm-quiet" }), badge: el("span", { class: "pm-badge" }),
      tools: el("div", { class: "pm-tools", role: "toolbar" }), search: el("div", { class: "pm-search-box" }),
      results: el("div", { class: "pm-results" }, el("p", { class: "pm-quiet", role: "status" }, t("loading"))),
      card: el("div", { class: "pm-card", hidden: true }), tip: el("div", { class: "pm-tip", hidden: true, "aria-hidden": "true" }),
      time: el("div", { class: "pm-time-box" }), toast: el("div", { class: "pm-toast", role: "status", hidden: true }),
      grab: el("button", { type: "button", class: "pm-grab", on: { click: nextSheet } }, el("i", {})),
    };
    shell.scroll = el("div", { class: "pm-scroll", tabindex: "0" }, shell.search, shell.results);
    const panel = el("aside", { class: "pm-panel" }, shell.grab, shell.scroll);
    const north = PM.svg("svg", { viewBox: "0 0 40 56", width: 34, height: 48, class: "pm-north" },
      PM.svg("path", { d: "M20 2 L32 44 L20 36 L8 44 Z", fill: "currentColor" }));
    shell.north = PM.svg("text", { x: 20, y: 55, "text-anchor": "middle", "font-size": 13, fill: "currentColor" });
    north.setAttribute("aria-hidden", "true");
    north.append(shell.north);
    const stage = el("main", { class: "pm-stage" }, mapBox, north, shell.card, shell.tip, shell.toast);
    const narrow = matchMedia("(max-width: 800px)");
    // On a phone the slider would cover the map: it moves into the sheet.
    const place = () => (narrow.matches ? shell.scroll.append(shell.time) : stage.append(shell.time));
    narrow.addEventListener("change", place);
    place();
    document.body.prepend(el("header", { class: "pm-top" }, el("div", { class: "pm-name" }, shell.title, shell.sub), shell.badge, shell.tools),
      el("div", { class: "pm-body" }, panel, stage), el("footer", { class: "pm-foot" }));
    dress();
  }

  /** On a phone the panel is a sheet with three heights. */
  function nextSheet() {
    const root = document.documentElement;
    const order = ["half", "full", "low"];
    root.dataset.sheet = order[(order.indexOf(root.dataset.sheet || "half") + 1) % 3];
    map.invalidateSize({ animate: false });
  }

  function dress() {
    const root = document.documentElement, { view } = PM;
    // Touching the root, even with the same words, makes the browser style the whole page anew.
    const dressed = view.language + view.theme + Boolean(PM.about);
    if (shell.dressed === dressed) return;
    shell.dressed = dressed;
    const meta = PM.about ? PM.about.meta : {};
    const redressed = root.lang && PM.language !== view.language;
    PM.language = view.language;
    root.lang = view.language === "en" ? "en" : "zh-CN";
    root.dataset.theme = view.theme;
    shell.title.textContent = document.title = meta.title || t("title");
    shell.sub.textContent = [meta.office, meta.as_of && t("as_of", { day: meta.as_of })].filter(Boolean).join(" · ");
    shell.badge.textContent = meta.edition ? t(meta.edition) : "";
    shell.north.textContent = t("north");
    shell.grab.setAttribute("aria-label", t("sheet"));
    const focus = shell.tools.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    shell.tools.replaceChildren(
      tool("measure", t("measure"), PM.measure), printTool(),
      tool("share", t("share"), () => PM.copy(link())),
      tool("theme", t(view.theme === "dark" ? "theme_light" : "theme"), () => PM.set({ theme: view.theme === "dark" ? "light" : "dark" })),
      tool("language", t("language"), () => PM.set({ language: view.language === "zh" ? "en" : "zh" })));
    if (focus) refocus(shell.tools, focus);
    const box = document.querySelector(".folium-map");
    box.setAttribute("aria-label", t("map_label"));
    box.setAttribute("role", "application");
    if (PM.about && (redressed || !shell.search.firstChild)) {
      shell.search.replaceChildren(PM.searchBox());
      shell.time.replaceChildren(...[PM.timeBox()].filter(Boolean));
    }
  }

  function tool(key, text, click) {
    return el("button", { type: "button", "data-k": key, class: "pm-tool-" + key, on: { click } }, text);
  }

  function printTool() {
    return el("select", {
      class: "pm-tool-print", "aria-label": t("print"),
      on: { change: (e) => { const paper = e.target.value; e.target.value = ""; if (paper) PM.print(paper); } },
    }, el("option", { value: "" }, t("print")), el("option", { value: "A4" }, t("print_a4")), el("option", { value: "A3" }, t("print_a3")));
  }

  function refocus(box, key) {
    const again = Array.from(box.querySelectorAll("[data-k]")).find((node) => node.dataset.k === key);
    if (again) again.focus({ preventScroll: true });
  }

  const link = () => location.href.split("#")[0] + PM.toHash(PM.view, map);
  PM.cardLink = (id) => location.href.split("#")[0] + PM.toHash({ ...PM.view, sel: id }, map);

  /** Change the view; resolves when everything on screen shows it. */
  PM.set = async function (patch) {
    Object.assign(PM.view, patch);
    const mine = ++turn;
    dress();
    await refresh(mine);
    if (mine !== turn) return;
    if ("theme" in patch) PM.back.redraw();
    remember();
  };

  async function refresh(mine) {
    const { rule } = PM.view;
    const asked = [PM.ask("filter", { ...PM.view }), found.rule === rule ? found : PM.ask("findings", { rule, most: 200 })];
    const [a, f] = await Promise.all(asked);
    if (mine !== turn) return;
    answer = a;
    found = { ...f, rule };
    // The worker draws while the page fills its panel.
    const drawn = PM.lines._map ? [PM.lines.repaint(), drawPoints()] : [PM.lines.addTo(map)];
    fill();
    await Promise.all(drawn);
  }

  PM.redrawAll = async function () {
    await Promise.all([PM.lines.repaint(), drawPoints()]);
    PM.back.redraw();
  };

  function remember() {
    history.replaceState(null, "", PM.toHash(PM.view, map));
  }

  function fill() {
    const focus = shell.results.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    PM.swap(shell.results, PM.panel(answer, found));
    if (focus && document.activeElement.dataset.k !== focus) refocus(shell.results, focus);
    PM.showTime();
    if (selected) showCard();
  }

  async function drawPoints() {
    const bounds = map.getBounds().pad(0.35);
    const [west, north] = PM.cells.cell(bounds.getNorthWest());
    const [east, south] = PM.cells.cell(bounds.getSouthEast());
    const zoom = map.getZoom(), { from, until } = PM.view;
    const side = (zoom >= 16 ? 4 : 72) / PM.cells.scale(zoom);
    const wantsTracks = from != null && PM.about.tracks > 0;
    [clusters, tracks] = await Promise.all([
      PM.ask("clusters", { box: [west, north, east, south], side }),
      wantsTracks ? PM.ask("tracks", { from, until }) : [],
    ]);
    PM.front.redraw();
  }

  const CARDS = { segment: (s) => PM.segmentCard(s.card), problem: (s) => PM.problemCard(s.problem), finding: (s) => PM.findingCard(s.finding) };

  function showCard() {
    shell.card.hidden = !selected;
    shell.card.replaceChildren(...(selected ? [CARDS[selected.kind](selected)] : []));
    document.documentElement.classList.toggle("pm-has-card", Boolean(selected));
    for (const b of shell.results.querySelectorAll("[aria-current]")) b.removeAttribute("aria-current");
    const id = selected && selected.card ? "gap:" + selected.card.id : null;
    for (const b of shell.results.querySelectorAll("[data-k]")) if (b.dataset.k === id) b.setAttribute("aria-current", "true");
  }

  function select(thing) {
    selected = thing;
    PM.view.sel = thing && thing.card ? thing.card.id : null;
    showCard();
    shell.card.scrollTop = 0;
    PM.back.redraw();
    remember();
  }

  /** Choose a segment by its number, or null for none. */
  PM.choose = async function (i) {
    const card = i == null ? null : await PM.ask("card", i);
    select(card ? { kind: "segment", card } : null);
    return card;
  };

  PM.showProblem = function (problem, go) {
    select({ kind: "problem", problem });
    if (go && problem.placed) map.setView(PM.cells.latLng(problem.x, problem.y), Math.max(15, map.getZoom()));
  };

  PM.showFinding = async function (finding) {
    const card = finding.segment >= 0 ? await PM.ask("card", finding.segment) : null;
    if (card) view(card.line);
    else if (finding.placed) map.setView(PM.cells.latLng(finding.x, finding.y), Math.max(14, map.getZoom()));
    select({ kind: "finding", finding, card });
    // A finding is not a segment: the address names only segments.
    PM.view.sel = null;
  };

  const padding = () => ({ paddingTopLeft: [40, 60], paddingBottomRight: [innerWidth > 800 ? 400 : 40, innerWidth > 800 ? 120 : 60] });

  function view(line) {
    map.fitBounds(L.latLngBounds(line.map(([x, y]) => PM.cells.latLng(x, y))), { maxZoom: 16, ...padding() });
  }

  /** Choose a segment and bring it into view. */
  PM.go = async function (i) {
    const card = await PM.choose(i);
    view(card.line);
    return card;
  };

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
    let asked = false;
    map.on("mousemove", (e) => {
      if (asked || e.originalEvent.buttons || PM.measuring) return;
      asked = true;
      const [x, y] = PM.cells.cell(e.latlng);
      PM.ask("hit", { x, y, reach: 8 / PM.cells.scale(map.getZoom()) }).then((brief) => {
        asked = false;
        tip(brief, e.containerPoint);
      });
    });
    map.on("mouseout", () => tip(null));
    map.on("click", clicked);
    document.addEventListener("keydown", pressed);
    window.addEventListener("hashchange", fromAddress);
  }

  async function clicked(e) {
    if (PM.measuring) {
      PM.measuring.push(e.latlng);
      return PM.front.redraw();
    }
    const mark = clusters.find((c) => c.px != null && Math.hypot(c.px - e.layerPoint.x, c.py - e.layerPoint.y) < 14);
    if (mark && mark.n === 1) return PM.showProblem(await PM.ask("problem", mark.p));
    if (mark) return map.setView(PM.cells.latLng(mark.x, mark.y), Math.min(map.getMaxZoom(), map.getZoom() + 2));
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
    PM.go(gaps[(at < 0 ? (by > 0 ? 0 : gaps.length - 1) : at + by + gaps.length) % gaps.length].i);
  }

  async function fromAddress() {
    const { view: wanted, at } = PM.fromHash(location.hash);
    if (at) map.setView([at.lat, at.lng], at.zoom, { animate: false });
    const sel = wanted.sel;
    await PM.set({ ...PM.defaults, language: PM.view.language, theme: PM.view.theme, ...wanted });
    if (sel) self.patrolmap.select(sel, Boolean(at));
    else if (selected) PM.choose(null);
  }

  /** Say what lies under the pointer; only what changed is touched, for the pointer moves sixty times a second. */
  function tip(brief, at) {
    const said = brief ? [brief.i, brief.state, PM.view.theme, PM.view.language].join() : "";
    if (shell.said !== said) {
      shell.said = said;
      shell.tip.hidden = !brief;
      map.getContainer().classList.toggle("pm-over", Boolean(brief));
      if (brief) shell.tip.replaceChildren(PM.sample(brief.state, PM.view.theme),
        el("b", {}, brief.name || t("unnamed")), el("span", {}, PM.chainage(brief.from_mm)), el("span", {}, t(brief.state)));
    }
    if (!brief) return;
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
    const b = PM.about.bounds;
    if (at) map.setView([at.lat, at.lng], at.zoom, { animate: false });
    else if (PM.about.segments) {
      map.fitBounds(L.latLngBounds(PM.cells.latLng(b[0], b[1]), PM.cells.latLng(b[2], b[3])), { paddingTopLeft: [4, 4], paddingBottomRight: [4, innerWidth > 800 ? 112 : 4], animate: false });
    }
    PM.lines = new PM.SegmentLayer(PM.cells, () => PM.view);
    PM.back = new PM.CanvasLayer("pm-back", (ctx, project, zoom, frame) => {
      PM.drawAreas(ctx, project, zoom, frame);
      if (selected && selected.card) PM.drawSelection(ctx, selected.card.line, project, zoom);
    }, "moveend resize");
    PM.front = new PM.CanvasLayer("pm-front", (ctx, project, zoom) => {
      PM.drawTracks(ctx, tracks, project);
      PM.drawRoutes(ctx, project);
      PM.drawParts(ctx, project, zoom);
      PM.drawProblems(ctx, clusters, project);
      PM.drawMeasure(ctx, map);
    }, "");
  }

  function ready() {
    const root = document.documentElement;
    if (root.dataset.ready) return;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      root.dataset.ready = "true";
      performance.mark("patrolmap-ready");
    }));
  }

  /** Ask for the password until it is right; resolves with what the page is about. */
  function unlocked(first) {
    PM.locked = true;
    if (!first.crypto) {
      shell.results.replaceChildren(el("p", { role: "alert", class: "pm-box" }, t("no_crypto")));
      return new Promise(() => undefined);
    }
    return new Promise((resolve, reject) => {
      const said = el("p", { role: "alert", class: "pm-late" });
      const input = el("input", { type: "password", id: "pm-password", autocomplete: "current-password", required: true });
      const form = el("form", { class: "pm-lock pm-box", on: { submit: async (e) => {
        e.preventDefault();
        said.textContent = t("opening");
        try {
          const about = await PM.ask("open", input.value);
          if (!about.locked) return resolve(about);
          said.textContent = t("wrong");
          input.select();
        } catch (error) {
          reject(error);
        }
      } } }, el("label", { for: "pm-password" }, t("locked")), input, el("button", { type: "submit", class: "pm-button" }, t("unlock")), said);
      shell.results.replaceChildren(form);
      document.documentElement.dataset.locked = "true";
      input.focus();
    });
  }

  PM.start = async function (leafletMap) {
    map = PM.map = leafletMap;
    try {
      const first = await PM.ask("open", null);
      PM.about = first.locked ? await unlocked(first) : first;
      delete document.documentElement.dataset.locked;
      PM.defaults.language = PM.about.meta.language;
      const { view: wanted, at } = PM.fromHash(location.hash);
      const sel = wanted.sel;
      PM.view = { ...PM.defaults, ...wanted };
      dress();
      openMap(at);
      PM.lines.once("load", ready);
      await refresh(++turn);
      PM.back.addTo(map);
      PM.front.addTo(map);
      if (!PM.about.segments) ready();
      await drawPoints();
      listen();
      if (sel) await self.patrolmap.select(sel, Boolean(at));
    } catch (error) {
      shell.results.replaceChildren(el("p", { role: "alert" }, t("broken", { why: error.message })));
      throw error;
    }
  };

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
    state: () => ({ ...PM.view, hash: PM.toHash(PM.view, map) }),
  };

  buildShell();
})();
