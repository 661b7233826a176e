/* The side panel: summary, legend, lists. Built anew from the last answer of the engine. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  // Each number of the summary shows exactly the segments that have such metres.
  const TILES = [
    ["unassigned", "unassigned_km"], ["never", "never_km"], ["overdue", "overdue_km"], ["conflicting", "conflicting_km"],
  ];

  function hero(answer) {
    const inScope = Math.max(0, answer.total_mm - answer.metres.out_of_scope_m);
    const share = inScope ? answer.metres.covered_m / inScope : 0;
    const bar = el("div", { class: "pm-bar", role: "img", "aria-label": t("legend") });
    for (const name of PM.DRAWN.slice().reverse()) {
      const part = answer.total_mm ? answer.states[name].mm / answer.total_mm : 0;
      if (part) bar.append(el("i", { class: "pm-" + name, style: { width: (100 * part).toFixed(3) + "%" } }));
    }
    return el("section", { class: "pm-box pm-hero", "aria-live": "polite" },
      el("div", { class: "pm-hero-row" },
        el("div", {}, el("h2", {}, t("covered_share")), el("strong", {}, inScope ? percent(share) : "—")),
        el("span", { class: "pm-quiet" }, t("of_required", { km: PM.length(inScope) }))),
      bar);
  }

  /** A share in per cent, never rounded up to 100 nor down to 0. */
  function percent(share) {
    const p = 100 * share;
    if (p > 0 && p < 0.1) return "<0.1%";
    return (p < 100 ? Math.min(99.9, Math.round(p * 10) / 10) : 100).toFixed(p < 100 ? 1 : 0) + "%";
  }

  function tiles(answer) {
    const box = el("section", { class: "pm-tiles" });
    for (const [metre, word] of TILES) {
      const on = PM.view.metre === metre;
      box.append(el("button", {
        type: "button", class: "pm-tile-" + metre, "aria-pressed": on, "data-k": "tile:" + metre,
        on: { click: () => PM.set({ metre: on ? null : metre }) },
      }, el("span", {}, t(word)), el("b", {}, PM.length(answer.metres[metre + "_m"]))));
    }
    for (const [kind, word] of [["open", "open_problems"], ["late", "late_problems"]]) {
      const on = PM.view.problems === kind;
      box.append(el("button", {
        type: "button", class: "pm-tile-problem", "aria-pressed": on, "data-k": "tile:" + kind,
        on: { click: () => PM.set({ problems: on ? "all" : kind }) },
      }, el("span", {}, t(word)), el("b", {}, PM.count(answer.problems[kind]))));
    }
    return box;
  }

  function legend(answer) {
    const list = el("ul", { class: "pm-legend" });
    for (const name of PM.DRAWN.slice().reverse()) {
      const row = answer.states[name];
      if (!row.segments && name === "out_of_scope") continue;
      const off = PM.view.hidden.includes(name);
      list.append(el("li", {}, el("button", {
        type: "button", "aria-pressed": !off, "data-k": "legend:" + name, class: row.segments ? "" : "pm-empty",
        on: { click: () => PM.set({ hidden: off ? PM.view.hidden.filter((h) => h !== name) : [...PM.view.hidden, name] }) },
      }, PM.sample(name, PM.view.theme), el("span", { class: "pm-grow" }, t(name)),
      el("span", { class: "pm-number" }, t("pieces", { n: PM.count(row.segments) })),
      el("span", { class: "pm-number" }, PM.length(row.mm)))));
    }
    return el("section", { class: "pm-box" },
      el("h2", {}, t("legend"), el("span", { class: "pm-quiet" }, t("legend_hint"))), list,
      PM.view.from != null ? el("p", { class: "pm-note pm-print-only" }, t("period_means", { day: PM.about.meta.as_of })) : null,
      keep("signs", [PM.language, PM.view.theme, PM.view.from != null, answer.declared_mm, answer.flagged], () => signs(answer)),
      crowdedNote(), trackNotes(answer),
      PM.about.meta.rejects ? el("p", { class: "pm-note" }, t("rejects", { n: PM.count(PM.about.meta.rejects) })) : null);
  }

  /** A small canvas with one mark of the map on it. */
  function sign(draw) {
    const canvas = el("canvas", { class: "pm-sign", "aria-hidden": "true" });
    PM.still(canvas, 92, 32, (ctx) => {
      ctx.scale(2, 2);
      draw(ctx);
    });
    return canvas;
  }

  /** A sample of strokes one upon the other: [colour, width, dash, cap]. */
  function stroke(...strokes) {
    return sign((ctx) => {
      for (const [colour, width, dash, cap] of strokes) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = width;
        ctx.setLineDash(dash || []);
        ctx.lineCap = cap || "butt";
        ctx.beginPath();
        ctx.moveTo(3, 8);
        ctx.lineTo(43, 8);
        ctx.stroke();
      }
    });
  }

  /** The kinds of this map, each as its covered line lies on its band. */
  function kindSigns(add) {
    const { about, view } = PM;
    const colours = PM.THEMES[view.theme];
    const line = colours.lines.covered[0];
    for (const [kinds, word] of [[["river", "reservoir", "pond"], "sign_water"], [["canal"], "sign_canal"], [["road"], "sign_road"]]) {
      if (!kinds.some((kind) => about.kinds.includes(kind))) continue;
      const band = PM.BANDS[kinds[0]];
      add(band ? stroke([colours.water, ...band], line) : stroke(line), t(word));
    }
  }

  /** The other signs, only those this map has. */
  function signs(answer) {
    const { about, view } = PM;
    const colours = PM.THEMES[view.theme];
    const list = el("ul", { class: "pm-signs" });
    const add = (picture, text, wide) => list.append(el("li", { class: wide ? "pm-wide" : null }, picture, el("span", {}, text)));
    kindSigns(add);
    if (answer.declared_mm) {
      const [width, dash] = PM.DOTS;
      add(stroke(...colours.lines.overdue, [colours.declared, width, dash, "round"]), t("sign_declared", { km: PM.length(answer.declared_mm) }), true);
    }
    if (about.problems && !about.meta.plan) {
      for (const kind of ["late", "open", "closed"]) add(sign((ctx) => PM.mark(ctx, 23, 8, kind, 6)), t("problem_" + kind));
      add(sign((ctx) => PM.badge(ctx, 23, 8, "12", 9)), t("sign_many"));
    }
    if (about.parts.length) add(sign((ctx) => PM.partMark(ctx, 23, 8, "dam")), t("sign_part"));
    if (about.names.name.length) add(stroke([colours.area, 1.4, [7, 4, 2, 4]]), t("sign_area"));
    if (view.from != null) {
      add(stroke([colours.seen, 10]), t("sign_seen"));
      if (about.tracks) add(stroke([colours.track, 1.4]), t("sign_track"));
      PM.flaggedSigns(answer.flagged, (draw, text) => add(sign(draw), text, true));
    }
    return list.children.length ? list : null;
  }

  /** What the crowded tiles of the view leave out of what the legend names. */
  function crowdedNote() {
    return el("p", { class: "pm-note pm-crowded", hidden: !PM.lines.crowded() }, t("crowded"));
  }

  /** Bring that note in line with the view. */
  PM.sayCrowded = function () {
    const note = document.querySelector(".pm-crowded");
    if (note) note.hidden = !PM.lines.crowded();
  };

  /** Which raw tracks are not drawn: nothing is left out in silence. */
  function trackNotes(answer) {
    const { tracks, tracks_left_out: left } = PM.about;
    return [
      left ? el("p", { class: "pm-note" }, t("tracks_left_out", { n: PM.count(tracks), left: PM.count(left) })) : null,
      answer.tracks > PM.MOST_TRACKS ? el("p", { class: "pm-note" }, t("tracks_many", { n: PM.count(answer.tracks), most: PM.MOST_TRACKS })) : null,
      ...PM.flaggedNotes(),
    ];
  }

  /** Arrow keys walk a list of buttons. */
  function walk(e) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step || e.target.tagName !== "BUTTON") return;
    const buttons = Array.from(e.currentTarget.querySelectorAll("button"));
    const next = buttons[buttons.indexOf(e.target) + step];
    if (next) {
      e.preventDefault();
      next.focus();
    }
  }

  function gaps(answer) {
    const list = el("ol", { class: "pm-gaps", on: { keydown: walk } });
    for (const gap of answer.gaps) {
      const late = gap.state === "overdue" ? t("overdue_by", { n: PM.count(gap.overdue_days) }) : t(gap.state);
      list.append(el("li", {}, el("button", {
        type: "button", "data-k": "gap:" + gap.id, "aria-current": PM.view.sel === gap.id ? "true" : null,
        on: { click: () => PM.goGap(gap) },
      }, PM.sample(gap.state, PM.view.theme),
      el("span", { class: "pm-grow" }, el("b", {}, gap.name || t("unnamed")),
        el("small", {}, PM.chainage(gap.from_mm) + "–" + PM.chainage(gap.from_mm + gap.length_mm) + "  " + late)),
      el("span", { class: "pm-number" }, PM.length(gap.length_mm)))));
    }
    return el("section", { class: "pm-box" }, el("h2", {}, t("gaps")),
      answer.gaps.length ? list : el("p", { class: "pm-quiet" }, t("gaps_none")));
  }

  function findings(found) {
    if (!PM.about.findings) return null;
    const all = Object.values(found.counts).reduce((a, b) => a + b, 0);
    const rules = Object.keys(found.counts).sort();
    const select = el("select", { "aria-label": t("findings"), "data-k": "rule", on: { change: (e) => PM.set({ rule: e.target.value }) } },
      el("option", { value: "" }, t("all_rules", { n: PM.count(all) })),
      rules.map((r) => el("option", { value: r, selected: PM.view.rule === r }, PM.rule(r) + "（" + PM.count(found.counts[r]) + "）")));
    const list = el("ol", { class: "pm-gaps", on: { keydown: walk } }, found.rows.map((f) => el("li", {}, el("button", {
      type: "button", "data-k": "finding:" + f.f, on: { click: () => PM.showFinding(f) },
    }, el("span", { class: "pm-severity pm-severity-" + (["high", "middle", "low"].includes(f.severity) ? f.severity : "review"), "aria-hidden": "true" }),
    el("span", { class: "pm-grow" }, el("b", {}, [PM.rule(f.rule), f.name].filter(Boolean).join(" · ")), el("small", {}, f.why)),
    f.length_mm > 0 ? el("span", { class: "pm-number" }, PM.length(f.length_mm)) : null))));
    return el("section", { class: "pm-box pm-findings" }, el("h2", {}, t("findings")), select, list);
  }

  /** The sheets of a study too big for one page, or the way back to the overview. */
  function sheets() {
    const { meta } = PM.about;
    const ours = (href) => /^(\.\.\/)?[\w.\u4e00-\u9fff-]+(\/\d+\.html)?$/.test(href);
    if (meta.home && ours(meta.home)) {
      return el("section", { class: "pm-box" }, el("a", { class: "pm-button", href: meta.home }, "← " + t("overview")), el("b", {}, meta.sheet));
    }
    if (!meta.sheets || !meta.sheets.length) return null;
    return el("section", { class: "pm-box" }, el("h2", {}, t("sheets")), el("p", { class: "pm-note" }, t("too_big")),
      el("ol", { class: "pm-gaps" }, meta.sheets.filter((s) => ours(s.href)).map((s) => el("li", {},
        el("a", { class: "pm-sheet-link", href: s.href }, el("b", { class: "pm-grow" }, s.name),
          el("span", { class: "pm-number" }, PM.length(s.mm)),
          s.unassigned_mm ? el("span", { class: "pm-number pm-late" }, t("unassigned") + " " + PM.length(s.unassigned_mm)) : null)))));
  }

  // Long lists that most changes leave as they are keep their elements.
  const kept = {};
  function keep(name, what, build) {
    const key = JSON.stringify(what);
    if (!kept[name] || kept[name].key !== key) kept[name] = { key, node: build() };
    return kept[name].node;
  }

  function filters() {
    const { language, kinds, areas, unit, holder, categories, problems, level } = PM.view;
    return keep("filters", [language, kinds, areas, unit, holder, categories, problems, level], PM.filterBox);
  }

  /** Build what needs no answer of the engine, while that is still awaited. */
  PM.prepare = function () {
    if (!PM.about.meta.handover) filters();
  };

  PM.panel = function (answer, found) {
    const { language, theme, rule } = PM.view;
    // A page of proposals is about nothing else: the study has a page of its own.
    if (PM.about.meta.handover) return [sheets(), PM.handoverBox()].filter(Boolean);
    return [
      sheets(), PM.about.meta.plan ? PM.crewsBox() : null, PM.activeFilters(), hero(answer), tiles(answer), legend(answer),
      PM.about.meta.plan ? null : PM.crewsBox(), keep("gaps", [language, theme, answer.gaps], () => gaps(answer)), filters(),
      keep("findings", [language, rule], () => findings(found)),
    ].filter(Boolean);
  };
})();
