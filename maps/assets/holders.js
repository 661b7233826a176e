/* Proposed holders: now and then on one map, a colour a holder, and why on a card of each stretch. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  let then = true, post = 0, chosen = null, drawn = null;

  const told = () => PM.about.meta.handover;
  const posts = () => told().posts;

  /** The proposals of a post in cells of the map; positions come in millionths of a degree. */
  function lines() {
    if (drawn) return drawn;
    drawn = posts().map((one) => one.stretches.map((stretch) => ({
      stretch, at: stretch.lat.map((lat, v) => PM.cells.cell(L.latLng(lat / 1e6, stretch.lng[v] / 1e6))),
    })));
    return drawn;
  }

  const look = (stretch) => PM.hue(stretch.holder, PM.view.theme);

  function strokes(stretch) {
    const { lines: states, ground } = PM.THEMES[PM.view.theme];
    if (!then || stretch.holder < 0) return states.unassigned;
    const { colour, dash } = look(stretch);
    return [[ground, 10], [colour, 6, dash]];
  }

  function wire(ctx, project, at, [colour, width, dash, cap]) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.lineCap = cap || "butt";
    ctx.setLineDash(dash || []);
    ctx.beginPath();
    at.forEach(([x, y], v) => {
      const p = project(x, y);
      if (v) ctx.lineTo(p.x, p.y);
      else ctx.moveTo(p.x, p.y);
    });
    ctx.stroke();
    ctx.setLineDash([]);
  }

  PM.drawHandover = function (ctx, project) {
    if (!told()) return;
    const shown = lines()[post] || [];
    ctx.lineJoin = "round";
    for (const { stretch, at } of shown) if (stretch === chosen) wire(ctx, project, at, [PM.THEMES[PM.view.theme].select, 18, null, "round"]);
    // Bank by bank, first all edges: a crossing stays readable.
    for (let layer = 0; layer < 2; layer++) {
      for (const { stretch, at } of shown) wire(ctx, project, at, strokes(stretch)[layer]);
    }
  };

  function away(p, a, b) {
    const dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const k = length ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length)) : 0;
    return Math.hypot(p.x - a.x - k * dx, p.y - a.y - k * dy);
  }

  /** Open the proposal at a place on the screen; returns whether there was one. */
  PM.openHandoverAt = function (point) {
    if (!told()) return false;
    let best = 12, found = null;
    for (const { stretch, at } of lines()[post] || []) {
      const line = at.map(([x, y]) => PM.map.latLngToLayerPoint(PM.cells.latLng(x, y)));
      for (let v = 1; v < line.length; v++) {
        const far = away(point, line[v - 1], line[v]);
        if (far < best) [best, found] = [far, stretch];
      }
    }
    if (found) open(found, false);
    return Boolean(found);
  };

  function open(stretch, go) {
    chosen = stretch;
    const line = lines()[post].find((one) => one.stretch === stretch).at;
    if (go) PM.viewLine(line);
    PM.showHandover(stretch);
    again();
  }

  PM.forgetHandover = function () {
    chosen = null;
  };

  /** Where all proposals lie, or null without any. */
  PM.handoverBounds = function () {
    if (!told()) return null;
    const all = lines().flat().flatMap((one) => one.at);
    if (!all.length) return null;
    const xs = all.map((p) => p[0]), ys = all.map((p) => p[1]);
    const least = (values) => values.reduce((a, b) => Math.min(a, b)), most = (values) => values.reduce((a, b) => Math.max(a, b));
    return [least(xs), least(ys), most(xs), most(ys)];
  };

  PM.handoverCard = function (stretch) {
    const rows = [[t("handover_post"), posts()[post].name], [t("stretch"), stretch.place], [t("length"), PM.length(stretch.mm)], ...stretch.facts];
    return el("article", { class: "pm-board", "aria-labelledby": "pm-card-title" },
      el("header", {}, el("div", {}, el("h2", { id: "pm-card-title" }, stretch.name || t("unnamed")), el("p", {}, stretch.place)),
        el("button", { type: "button", class: "pm-close", "aria-label": t("close"), on: { click: () => PM.choose(null) } }, "×")),
      el("div", { class: "pm-then" }, el("div", {}, el("span", { class: "pm-quiet" }, t("handover_now")), PM.sample("unassigned", PM.view.theme), t("unassigned")),
        el("div", {}, el("span", { class: "pm-quiet" }, t("handover_then")), stretch.holder < 0 ? null : sample(stretch.holder), el("b", {}, stretch.who || t("handover_nobody")))),
      el("div", { class: "pm-why" }, el("span", {}, t("handover_why")), el("ul", { class: "pm-list" }, stretch.why.map((one) => el("li", {}, one)))),
      el("dl", {}, rows.filter(([, text]) => text).flatMap(([label, text]) => [el("dt", {}, label), el("dd", {}, text)])));
  };

  function sample(holder) {
    const { colour, dash } = PM.hue(holder, PM.view.theme);
    const svg = PM.svg("svg", { width: 46, height: 14, viewBox: "0 0 46 14", "aria-hidden": "true" });
    svg.append(PM.svg("line", { x1: 3, y1: 7, x2: 43, y2: 7, stroke: colour, "stroke-width": 6, "stroke-dasharray": dash.join(" ") || "none" }));
    return svg;
  }

  function again() {
    PM.front.redraw();
    const box = document.querySelector(".pm-handover");
    const focus = box.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    const opened = Array.from(box.querySelectorAll("details[open]"), (node) => node.dataset.holder);
    box.replaceWith(PM.handoverBox());
    for (const node of document.querySelectorAll(".pm-handover details")) node.open = opened.includes(node.dataset.holder);
    const same = Array.from(document.querySelectorAll(".pm-handover [data-k]")).find((node) => node.dataset.k === focus);
    if (same) same.focus({ preventScroll: true });
  }

  function choice(value, text) {
    return el("button", { type: "button", "aria-pressed": then === value ? "true" : "false", "data-k": "then:" + value,
      on: { click: () => { then = value; again(); } } }, text);
  }

  function holder(one, stretches) {
    const mine = stretches.filter((stretch) => stretch.holder === one.n);
    const places = mine.map((stretch, k) => el("li", {}, el("button", {
      type: "button", class: "pm-link", "data-k": "stretch:" + one.n + ":" + k, "aria-current": stretch === chosen ? "true" : null,
      on: { click: () => open(stretch, true) } }, stretch.name, " ", stretch.place)));
    return el("li", {}, el("details", { "data-holder": String(one.n) },
      el("summary", { "data-k": "holder:" + one.n }, then && one.n >= 0 ? sample(one.n) : PM.sample("unassigned", PM.view.theme),
        el("span", { class: "pm-grow" }, one.name || t("handover_nobody")), el("span", { class: "pm-number" }, "+" + PM.length(one.added_mm))),
      one.load ? el("p", { class: "pm-note" }, one.load) : null, el("ul", { class: "pm-list" }, places)));
  }

  /** The switch between now and then, the posts, and who would get what. */
  PM.handoverBox = function () {
    const { name, holders, stretches } = posts()[post] || { name: "", holders: [], stretches: [] };
    return el("section", { class: "pm-box pm-handover" }, el("h2", {}, t("handover")),
      el("div", { class: "pm-chips", role: "group", "aria-label": t("handover") }, choice(false, t("handover_now")), choice(true, t("handover_then"))),
      posts().length > 1 ? el("select", { "aria-label": t("handover_post"), "data-k": "post", on: { change: (e) => {
        post = Number(e.target.value);
        PM.choose(null);
        again();
      } } }, posts().map((one, n) => el("option", { value: n, selected: n === post }, one.label)))
        : el("p", { class: "pm-note" }, name),
      stretches.length ? el("ul", { class: "pm-shares" }, holders.map((one) => holder(one, stretches))) : el("p", {}, t("handover_none")),
      el("details", { "data-holder": "says" }, el("summary", {}, t("handover_says")), told().says.map((one) => el("p", { class: "pm-note" }, one))));
  };
})();
