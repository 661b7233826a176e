/* Planned routes: a colour a crew, arrows the way it goes, the numbers of its steps, and its list. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif';
  // Traffic keeps right: beside its line a way out and a way back are two.
  const BESIDE = 3, ARROW_EVERY = 84, NEAR = 20;
  const off = new Set();
  let day = null, chosen = null, tours = null;

  /** The crews' days, in the order of the plan; legs stay in the order they are walked. */
  function allTours() {
    if (tours) return tours;
    tours = new Map();
    const crews = new Map();
    for (const leg of PM.about.routes) {
      if (!crews.has(leg.crew)) crews.set(leg.crew, crews.size);
      const key = leg.crew + "\n" + leg.day;
      if (!tours.has(key)) tours.set(key, { key, crew: leg.crew, day: leg.day, n: crews.get(leg.crew), legs: [], mm: 0, minutes: 0 });
      const tour = tours.get(key);
      tour.legs.push(leg);
      tour.mm += leg.length_mm;
      tour.minutes += leg.tenths / 10;
    }
    tours = Array.from(tours.values());
    // On the main map a plan would hide the states: there its crews are shown when they are asked for.
    if (!PM.about.meta.plan) for (const tour of tours) off.add(tour.crew);
    return tours;
  }

  const days = () => Array.from(new Set(allTours().map((tour) => tour.day)));
  /** A month on one map is no map: of several days the first is shown until another is asked for. */
  const today = () => (day == null ? days()[0] : day);
  const listed = () => allTours().filter((tour) => !today() || tour.day === today());
  const shown = () => listed().filter((tour) => !off.has(tour.crew));

  /** West, north, east, south of the plan in cells, null without one. */
  PM.planBounds = function () {
    const b = [Infinity, Infinity, -Infinity, -Infinity];
    for (const tour of shown()) {
      for (const leg of tour.legs) {
        for (let v = 0; v < leg.x.length; v++) {
          b[0] = Math.min(b[0], leg.x[v]);
          b[1] = Math.min(b[1], leg.y[v]);
          b[2] = Math.max(b[2], leg.x[v]);
          b[3] = Math.max(b[3], leg.y[v]);
        }
      }
    }
    return b[0] <= b[2] ? b : null;
  };

  /** The leg in pixels, to the right of its line, without the wiggles that no screen shows. */
  function beside(leg, project, by) {
    const at = [], end = leg.x.length - 1;
    for (let v = 0; v <= end; v++) {
      const p = project(leg.x[v], leg.y[v]), last = at[at.length - 1];
      if (!last || v === end || Math.hypot(p.x - last.x, p.y - last.y) > 5) at.push(p);
    }
    if (at.length > 2 && Math.hypot(at[at.length - 1].x - at[at.length - 2].x, at[at.length - 1].y - at[at.length - 2].y) < 3) at.splice(-2, 1);
    return at.map((p, k) => {
      const a = at[Math.max(0, k - 1)], b = at[Math.min(at.length - 1, k + 1)];
      const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
      return { x: p.x - ((b.y - a.y) / length) * by, y: p.y + ((b.x - a.x) / length) * by };
    });
  }

  function stroke(ctx, at, colour, width, dash) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.setLineDash(dash);
    ctx.beginPath();
    at.forEach((p, k) => (k ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** Small arrow heads along a tour, evenly over its legs; returns what is left to the next one. */
  function arrows(ctx, at, colour, left) {
    ctx.fillStyle = colour;
    for (let k = 1; k < at.length; k++) {
      const a = at[k - 1], b = at[k], length = Math.hypot(b.x - a.x, b.y - a.y);
      let along = left;
      for (; along < length; along += ARROW_EVERY) {
        ctx.save();
        ctx.translate(a.x + ((b.x - a.x) * along) / length, a.y + ((b.y - a.y) * along) / length);
        ctx.rotate(Math.atan2(b.y - a.y, b.x - a.x));
        ctx.beginPath();
        ctx.moveTo(8, 0);
        ctx.lineTo(-5, -5.5);
        ctx.lineTo(-2.5, 0);
        ctx.lineTo(-5, 5.5);
        ctx.closePath();
        ctx.lineWidth = 2;
        ctx.strokeStyle = PM.THEMES[PM.view.theme].ground;
        ctx.stroke();
        ctx.fill();
        ctx.restore();
      }
      left = along - length;
    }
    return left;
  }

  function ring(ctx, p) {
    ctx.beginPath();
    ctx.arc(p.x, p.y, 16, 0, 7);
    ctx.strokeStyle = PM.THEMES[PM.view.theme].select;
    ctx.lineWidth = 5;
    ctx.stroke();
  }

  function disc(ctx, x, y, text, colour, taken) {
    const half = text.length > 2 ? 12 : 9;
    if (taken.some((q) => Math.abs(q.x - x) < NEAR && Math.abs(q.y - y) < NEAR - 2)) return;
    taken.push({ x, y });
    ctx.beginPath();
    ctx.arc(x, y, half, 0, 7);
    ctx.fillStyle = colour;
    ctx.strokeStyle = PM.THEMES[PM.view.theme].ground;
    ctx.lineWidth = 2;
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = PM.view.theme === "dark" ? "#10171c" : "#fff";
    ctx.fillText(text, x, y + 0.5);
  }

  function middle(at) {
    return at[Math.floor(at.length / 2)];
  }

  /** About where the numbers of the steps stand, in cells. */
  PM.stepMarks = function () {
    const work = shown().flatMap((tour) => tour.legs.filter((leg) => leg.kind !== "deadhead" && leg.x.length));
    return work.map((leg) => ({ x: middle(leg.x), y: middle(leg.y) }));
  };

  /** What is looked at is drawn whole, what is only gone along dashed; both to the right of the way. */
  PM.drawRoutes = function (ctx, project) {
    if (!PM.about.routes.length) return;
    const { ground } = PM.THEMES[PM.view.theme], taken = [];
    const drawn = shown().map((tour) => ({ tour, ...PM.hue(tour.n, PM.view.theme), legs: tour.legs.map((leg) => ({ leg, at: beside(leg, project, BESIDE) })) }));
    ctx.lineCap = "butt";
    ctx.lineJoin = "round";
    for (const { legs, colour, dash } of drawn) {
      for (const { leg, at } of legs) {
        if (leg.kind === "stop") continue;
        const service = leg.kind === "service";
        if (leg === chosen) stroke(ctx, at, PM.THEMES[PM.view.theme].select, 15, []);
        stroke(ctx, at, ground, service ? 7.5 : 4.5, []);
        stroke(ctx, at, colour, service ? 5 : 2.2, service ? dash : [6, 4]);
      }
    }
    ctx.font = "700 11px " + FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const { legs, colour } of drawn) {
      let left = ARROW_EVERY / 2;
      for (const { leg, at } of legs) if (leg.kind !== "stop") left = arrows(ctx, at, colour, left);
    }
    for (const { legs, colour } of drawn) {
      if (legs.length && legs[0].at.length) disc(ctx, legs[0].at[0].x, legs[0].at[0].y, t("plan_start"), colour, taken);
    }
    for (const { legs, colour } of drawn) {
      for (const { leg, at } of legs) {
        if (leg === chosen && leg.kind === "stop") ring(ctx, at[0]);
        if (leg.kind !== "deadhead" && at.length) disc(ctx, middle(at).x, middle(at).y, String(leg.order), colour, taken);
      }
    }
  };

  const clock = (minutes) => Math.floor(minutes / 60) % 24 + ":" + String(Math.floor(minutes % 60)).padStart(2, "0");

  function sample(n) {
    const { colour, dash } = PM.hue(n, PM.view.theme);
    const svg = PM.svg("svg", { width: 46, height: 14, viewBox: "0 0 46 14", "aria-hidden": "true" });
    svg.append(PM.svg("line", { x1: 2, y1: 7, x2: 28, y2: 7, stroke: colour, "stroke-width": 5, "stroke-dasharray": dash.join(" ") || "none" }));
    svg.append(PM.svg("line", { x1: 30, y1: 7, x2: 45, y2: 7, stroke: colour, "stroke-width": 2.2, "stroke-dasharray": "5 3" }));
    return svg;
  }

  function again() {
    PM.front.redraw();
    const box = document.querySelector(".pm-crews");
    if (!box) return;
    const focus = box.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    box.replaceWith(PM.crewsBox());
    const same = Array.from(document.querySelectorAll(".pm-crews [data-k]")).find((node) => node.dataset.k === focus);
    if (same) same.focus({ preventScroll: true });
  }

  function toggle(crew) {
    if (!off.delete(crew)) off.add(crew);
    again();
  }

  function choose(leg, node) {
    chosen = leg;
    for (const other of document.querySelectorAll(".pm-step[aria-current]")) other.removeAttribute("aria-current");
    node.setAttribute("aria-current", "true");
    PM.viewLine(Array.from(leg.x, (x, v) => [x, leg.y[v]]), { padding: [60, 60] });
    PM.front.redraw();
  }

  function steps(tour) {
    const { colour } = PM.hue(tour.n, PM.view.theme);
    return el("ol", { class: "pm-gaps pm-steps" }, tour.legs.map((leg) => el("li", {}, el("button", {
      type: "button", class: "pm-step pm-step-" + (leg.kind === "deadhead" ? "way" : "work"), "data-k": "step:" + tour.key + leg.order,
      "aria-current": leg === chosen ? "true" : null, on: { click: (e) => choose(leg, e.currentTarget) },
    }, el("span", { class: "pm-order", style: leg.kind === "deadhead" ? {} : { background: colour } }, String(leg.order)),
    el("span", { class: "pm-grow pm-said" }, leg.step), el("span", { class: "pm-number" }, clock(leg.at_min))))));
  }

  /** Crews with kilometres and hours, each a switch; under each the steps, which bring the map there. */
  PM.crewsBox = function () {
    if (!PM.about.routes.length) return null;
    const all = days();
    const list = el("ul", { class: "pm-legend" });
    for (const tour of listed()) {
      const on = !off.has(tour.crew);
      list.append(el("li", {}, el("button", {
        type: "button", "aria-pressed": on, "data-k": "crew:" + tour.key, on: { click: () => toggle(tour.crew) },
      }, sample(tour.n), el("span", { class: "pm-grow" }, tour.crew),
      el("span", { class: "pm-number" }, PM.length(tour.mm)), el("span", { class: "pm-number" }, t("plan_hours", { n: (tour.minutes / 60).toFixed(1) }))),
      on ? el("details", {}, el("summary", {}, t("plan_steps", { n: tour.legs.length })), steps(tour)) : null));
    }
    return el("section", { class: "pm-box pm-crews" }, el("h2", {}, t("plan"), el("span", { class: "pm-quiet" }, t("legend_hint"))),
      all.length > 1 ? el("select", { "aria-label": t("plan_day"), "data-k": "plan-day", on: { change: (e) => { day = e.target.value; again(); } } },
        el("option", { value: "" }, t("plan_days")), all.map((one) => el("option", { value: one, selected: one === today() }, one)))
        : el("p", { class: "pm-note" }, all[0]),
      list, el("p", { class: "pm-note" }, t("plan_note")));
  };
})();
