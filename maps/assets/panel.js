/* The side panel: summary, legend, worst gaps. Built anew from the last answer of the engine. */
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
        type: "button", class: "pm-tile-" + metre, "aria-pressed": on,
        on: { click: () => PM.set({ metre: on ? null : metre }) },
      }, el("span", {}, t(word)), el("b", {}, PM.length(answer.metres[metre + "_m"]))));
    }
    for (const [kind, word] of [["open", "open_problems"], ["late", "late_problems"]]) {
      const on = PM.view.problems === kind;
      box.append(el("button", {
        type: "button", class: "pm-tile-problem", "aria-pressed": on,
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
        type: "button", "aria-pressed": !off, class: row.segments ? "" : "pm-empty",
        on: { click: () => PM.set({ hidden: off ? PM.view.hidden.filter((h) => h !== name) : [...PM.view.hidden, name] }) },
      }, PM.sample(name, PM.view.theme), el("span", { class: "pm-grow" }, t(name)),
      el("span", { class: "pm-number" }, t("pieces", { n: PM.count(row.segments) })),
      el("span", { class: "pm-number" }, PM.length(row.mm)))));
    }
    return el("section", { class: "pm-box" },
      el("h2", {}, t("legend"), el("span", { class: "pm-quiet" }, t("legend_hint"))), list,
      answer.declared_mm ? el("p", { class: "pm-note" }, t("declared_note", { km: PM.length(answer.declared_mm) })) : null);
  }

  function gaps(answer) {
    const list = el("ol", { class: "pm-gaps" });
    for (const gap of answer.gaps) {
      const late = gap.state === "overdue" ? t("overdue_by", { n: PM.count(gap.overdue_days) }) : t(gap.state);
      list.append(el("li", {}, el("button", {
        type: "button", "aria-current": PM.view.sel === gap.id ? "true" : null,
        on: { click: () => PM.go(gap.i) },
      }, PM.sample(gap.state, PM.view.theme),
      el("span", { class: "pm-grow" }, el("b", {}, gap.name || t("unnamed")),
        el("small", {}, PM.chainage(gap.from_mm) + "  " + late)),
      el("span", { class: "pm-number" }, PM.length(gap.length_mm)))));
    }
    return el("section", { class: "pm-box" }, el("h2", {}, t("gaps")),
      answer.gaps.length ? list : el("p", { class: "pm-quiet" }, t("gaps_none")));
  }

  PM.panel = function (answer) {
    return [hero(answer), tiles(answer), legend(answer), gaps(answer)];
  };
})();
