/* Bring it up: the shell, the map, one state, one way to change it. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  PM.view = {
    language: "zh", theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
    hidden: [], metre: null, level: "", kinds: null, areas: null, unit: "", holder: "", categories: null,
    problems: "all", from: null, until: null, seen: "any", sel: null,
  };
  let shell = null, map = null, answer = null, clusters = [], selected = null, turn = 0;

  function buildShell() {
    const mapBox = document.querySelector(".folium-map");
    shell = {
      title: el("h1", {}), sub: el("span", { class: "pm-quiet" }), badge: el("span", { class: "pm-badge" }),
      tools: el("div", { class: "pm-tools" }),
      panel: el("aside", { class: "pm-panel", id: "pm-panel", tabindex: "-1" }, el("p", { class: "pm-quiet" }, t("loading"))),
      card: el("div", { class: "pm-card", hidden: true }), tip: el("div", { class: "pm-tip", hidden: true }),
    };
    const stage = el("main", { class: "pm-stage" });
    document.body.prepend(el("header", { class: "pm-top" }, el("div", { class: "pm-name" }, shell.title, shell.sub), shell.badge, shell.tools),
      el("div", { class: "pm-body" }, shell.panel, stage));
    stage.append(mapBox, shell.card, shell.tip);
    dress();
  }

  function dress() {
    PM.language = PM.view.language;
    document.documentElement.lang = PM.language === "en" ? "en" : "zh-CN";
    document.documentElement.dataset.theme = PM.view.theme;
    const meta = PM.about ? PM.about.meta : {};
    shell.title.textContent = document.title = meta.title || t("title");
    shell.sub.textContent = [meta.office, meta.as_of && t("as_of", { day: meta.as_of })].filter(Boolean).join(" · ");
    shell.badge.textContent = meta.edition ? t(meta.edition) : "";
    shell.tools.replaceChildren(
      button(t(PM.view.theme === "dark" ? "theme_light" : "theme"), () => PM.set({ theme: PM.view.theme === "dark" ? "light" : "dark" })),
      button(t("language"), () => PM.set({ language: PM.view.language === "zh" ? "en" : "zh" })));
    const box = document.querySelector(".folium-map");
    box.setAttribute("aria-label", t("map_label"));
    box.setAttribute("role", "application");
  }

  function button(text, click) {
    return el("button", { type: "button", on: { click } }, text);
  }

  /** Change the view; resolves when everything on screen shows it. */
  PM.set = async function (patch) {
    Object.assign(PM.view, patch);
    const mine = ++turn;
    dress();
    answer = await PM.ask("filter", filterOf(PM.view));
    if (mine !== turn) return answer;
    fill();
    await Promise.all([PM.lines.repaint(), drawPoints()]);
    PM.back.redraw();
    return answer;
  };

  function filterOf(view) {
    const { hidden, metre, level, kinds, areas, unit, holder, categories, problems, from, until, seen } = view;
    return { hidden, metre, level, kinds, areas, unit, holder, categories, problems, from, until, seen };
  }

  function fill() {
    const kept = shell.panel.scrollTop;
    const focus = document.activeElement && shell.panel.contains(document.activeElement)
      ? Array.from(shell.panel.querySelectorAll("button")).indexOf(document.activeElement) : -1;
    shell.panel.replaceChildren(...PM.panel(answer));
    shell.panel.scrollTop = kept;
    if (focus >= 0) {
      const again = shell.panel.querySelectorAll("button")[focus];
      if (again) again.focus({ preventScroll: true });
    }
    if (selected) showCard();
  }

  async function drawPoints() {
    const bounds = map.getBounds().pad(0.35);
    const [west, north] = PM.cells.cell(bounds.getNorthWest());
    const [east, south] = PM.cells.cell(bounds.getSouthEast());
    const zoom = map.getZoom();
    const side = (zoom >= 16 ? 4 : 72) / PM.cells.scale(zoom);
    clusters = await PM.ask("clusters", { box: [west, north, east, south], side });
    PM.front.redraw();
  }

  function showCard() {
    shell.card.hidden = !selected;
    shell.card.replaceChildren(...(selected ? [selected.kind === "problem" ? PM.problemCard(selected.problem) : PM.segmentCard(selected.card)] : []));
    document.documentElement.classList.toggle("pm-has-card", Boolean(selected));
  }

  /** Choose a segment by its number, or null for none. */
  PM.choose = async function (i) {
    selected = i == null ? null : { kind: "segment", card: await PM.ask("card", i) };
    PM.view.sel = selected ? selected.card.id : null;
    showCard();
    PM.back.redraw();
    return selected ? selected.card : null;
  };

  PM.showProblem = function (problem) {
    selected = { kind: "problem", problem };
    showCard();
  };

  /** Choose a segment and bring it into view. */
  PM.go = async function (i) {
    const card = await PM.choose(i);
    const bounds = L.latLngBounds(card.line.map(([x, y]) => PM.cells.latLng(x, y)));
    map.fitBounds(bounds, { maxZoom: 16, paddingTopLeft: [40, 60], paddingBottomRight: [innerWidth > 800 ? 400 : 40, 60] });
    return card;
  };

  function listen() {
    map.on("moveend", drawPoints);
    let asked = false;
    map.on("mousemove", (e) => {
      if (asked || e.originalEvent.buttons) return;
      asked = true;
      const reach = 8 / PM.cells.scale(map.getZoom());
      const [x, y] = PM.cells.cell(e.latlng);
      PM.ask("hit", { x, y, reach }).then((brief) => {
        asked = false;
        tip(brief, e.containerPoint);
      });
    });
    map.on("mouseout", () => tip(null));
    map.on("click", async (e) => {
      const mark = clusters.find((c) => c.px != null && Math.hypot(c.px - e.layerPoint.x, c.py - e.layerPoint.y) < 14);
      if (mark && mark.n === 1) return PM.showProblem(await PM.ask("problem", mark.p));
      if (mark) return map.setView(PM.cells.latLng(mark.x, mark.y), Math.min(map.getMaxZoom(), map.getZoom() + 2));
      const [x, y] = PM.cells.cell(e.latlng);
      const brief = await PM.ask("hit", { x, y, reach: 14 / PM.cells.scale(map.getZoom()) });
      return PM.choose(brief ? brief.i : null);
    });
    document.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && selected) PM.choose(null);
    });
  }

  function tip(brief, at) {
    shell.tip.hidden = !brief;
    map.getContainer().classList.toggle("pm-over", Boolean(brief));
    if (!brief) return;
    shell.tip.replaceChildren(PM.sample(brief.state, PM.view.theme),
      el("b", {}, brief.name || t("unnamed")), el("span", {}, PM.chainage(brief.from_mm)), el("span", {}, t(brief.state)));
    shell.tip.style.transform = "translate(" + Math.round(at.x + 14) + "px," + Math.round(at.y + 16) + "px)";
  }

  function open() {
    PM.cells = new PM.Cells(PM.about.meta);
    map.createPane("pm-back").style.zIndex = 250;
    map.createPane("pm-front").style.zIndex = 450;
    map.getPane("pm-front").style.pointerEvents = "none";
    map.attributionControl.setPrefix(false);
    const b = PM.about.bounds;
    if (PM.about.segments) {
      map.fitBounds(L.latLngBounds(PM.cells.latLng(b[0], b[1]), PM.cells.latLng(b[2], b[3])), { padding: [24, 24], animate: false });
    }
    PM.lines = new PM.SegmentLayer(PM.cells, () => PM.view);
    PM.back = new PM.CanvasLayer("pm-back", (ctx, project, zoom, frame) => {
      PM.drawAreas(ctx, project, zoom, frame);
      if (selected && selected.card) PM.drawSelection(ctx, selected.card.line, project, zoom);
    });
    PM.front = new PM.CanvasLayer("pm-front", (ctx, project, zoom) => {
      PM.drawParts(ctx, project, zoom);
      PM.drawProblems(ctx, clusters, project);
    });
  }

  function ready() {
    const root = document.documentElement;
    if (root.dataset.ready) return;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      root.dataset.ready = "true";
      performance.mark("patrolmap-ready");
    }));
  }

  PM.start = async function (leafletMap) {
    map = PM.map = leafletMap;
    try {
      PM.about = await PM.ask("open", null);
      PM.view.language = PM.about.meta.language;
      dress();
      open();
      answer = await PM.ask("filter", filterOf(PM.view));
      fill();
      PM.lines.once("load", ready);
      PM.lines.addTo(map);
      PM.back.addTo(map);
      PM.front.addTo(map);
      await drawPoints();
      listen();
      if (!PM.about.segments) ready();
    } catch (error) {
      shell.panel.replaceChildren(el("p", { role: "alert" }, t("broken", { why: error.message })));
      throw error;
    }
  };

  // What tests and power users may rely on.
  self.patrolmap = {
    counts: () => ({
      segments: answer.segments, km: answer.mm / 1e6, total_km: answer.total_mm / 1e6,
      states: Object.fromEntries(Object.entries(answer.states).map(([k, v]) => [k, { segments: v.segments, km: v.mm / 1e6 }])),
      metres: Object.fromEntries(Object.entries(answer.metres).map(([k, v]) => [k, v / 1000])),
      problems: { ...answer.problems },
    }),
    filter: async (patch) => {
      await PM.set(patch);
      return self.patrolmap.counts();
    },
    select: async (id) => {
      const i = await PM.ask("find", id);
      return i < 0 ? null : PM.go(i);
    },
    state: () => ({ ...PM.view }),
  };

  buildShell();
})();
