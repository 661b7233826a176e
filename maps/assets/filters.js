/* The search box and the filters. Each is one entry of the view; they combine. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  let waiting = 0, asked = 0;

  /** The search box with its list of results; arrow keys walk the list. */
  PM.searchBox = function () {
    const list = el("ul", { class: "pm-found", id: "pm-found", hidden: true });
    const input = el("input", {
      type: "search", id: "pm-search", placeholder: t("search"), "aria-label": t("search"), autocomplete: "off",
      "aria-controls": "pm-found",
      on: {
        input: () => {
          clearTimeout(waiting);
          waiting = setTimeout(() => look(input.value, list), 90);
        },
        keydown: (e) => {
          if (e.key === "Escape") hide(list);
          if (e.key === "Enter" || e.key === "ArrowDown") {
            const first = list.querySelector("button");
            if (!first) return;
            e.preventDefault();
            if (e.key === "Enter") first.click();
            else first.focus();
          }
        },
      },
    });
    return el("section", { class: "pm-search", role: "search" }, input, list);
  };

  function hide(list) {
    list.hidden = true;
    list.replaceChildren();
  }

  async function look(text, list) {
    const mine = ++asked;
    if (!text.trim()) return hide(list);
    const found = await PM.ask("search", text);
    if (mine !== asked) return;
    list.hidden = false;
    list.replaceChildren(...(found.length ? found.map((f) => el("li", {}, el("button", {
      type: "button", "data-type": f.type, on: { click: () => take(f, list) },
    }, el("span", { class: "pm-tag" }, t("found_" + f.type)), el("b", { class: "pm-grow" }, f.text || t("unnamed")),
    el("small", {}, [f.type === "place" ? PM.chainage(f.mm) : "", f.type === "asset" ? PM.term(f.note) : f.note].filter(Boolean).join(" · ")))))
      : [el("li", { class: "pm-quiet" }, t("search_none"))]));
  }

  async function take(found, list) {
    hide(list);
    if (found.type === "problem") {
      const problem = await PM.ask("problem", found.p);
      return PM.showProblem(problem, true);
    }
    if (found.type === "place" || found.type === "course") return PM.go(found.i);
    const patch = { asset: { asset: found.text }, holder: { holder: found.text }, unit: { unit: found.text }, area: { areas: [found.text] } }[found.type];
    await PM.set(patch);
    return PM.fit();
  }

  function choice(key, word, options, value, set) {
    const select = el("select", { "data-k": key, on: { change: (e) => set(e.target.value) } },
      options.map(([v, text]) => el("option", { value: v, selected: v === value }, text)));
    return el("label", { class: "pm-field" }, el("span", {}, t(word)), select);
  }

  function chips(key, word, options, chosen, name) {
    if (options.length < 2) return null;
    return el("fieldset", { class: "pm-chips" }, el("legend", {}, t(word)), options.map((o) => {
      const on = !chosen || chosen.includes(o);
      return el("button", {
        type: "button", "data-k": key + ":" + o, "aria-pressed": Boolean(chosen) && on,
        on: {
          click: () => {
            const rest = chosen ? (on ? chosen.filter((c) => c !== o) : [...chosen, o]) : [o];
            PM.set({ [key]: rest.length && rest.length < options.length ? rest : null });
          },
        },
      }, name(o));
    }));
  }

  const any = (list, name) => [["", t("any")], ...list.map((v) => [v, name ? name(v) : v])];

  PM.filterBox = function () {
    const { about, view } = PM;
    const fields = [
      about.levels.length ? choice("level", "level", [["", t("level_all")], ...about.levels.map((l) => [l, PM.term(l)])], view.level, (v) => PM.set({ level: v })) : null,
      about.areas.length > 1 ? choice("areas", "area", any(about.areas), view.areas ? view.areas[0] : "", (v) => PM.set({ areas: v ? [v] : null }).then(PM.fit)) : null,
      about.units.length ? choice("unit", "unit", any(about.units), view.unit, (v) => PM.set({ unit: v })) : null,
      about.holders.length && about.holders.length <= 400 ? choice("holder", "holder", any(about.holders), view.holder, (v) => PM.set({ holder: v })) : null,
      about.problems ? choice("problems", "problems_shown", ["all", "open", "late", "none"].map((p) => [p, t("problems_" + p)]), view.problems, (v) => PM.set({ problems: v })) : null,
    ];
    return el("section", { class: "pm-box pm-filters" }, el("h2", {}, t("filters")),
      chips("kinds", "kind", about.kinds, view.kinds, PM.term), fields,
      about.categories.length <= 24 ? chips("categories", "problem_kind", about.categories, view.categories, (c) => c) : null);
  };

  /** What is filtered by now, each with a cross, and one button for all. */
  PM.activeFilters = function () {
    const { view } = PM;
    const on = [];
    const add = (text, patch) => on.push(el("button", { type: "button", class: "pm-active", on: { click: () => PM.set(patch) } }, text, " ×"));
    if (view.metre) add(t(view.metre), { metre: null });
    if (view.asset) add(view.asset, { asset: "" });
    if (view.kinds) add(view.kinds.map(PM.term).join("、"), { kinds: null });
    if (view.areas) add(view.areas.join("、"), { areas: null });
    if (view.unit) add(view.unit, { unit: "" });
    if (view.holder) add(view.holder, { holder: "" });
    if (view.categories) add(view.categories.join("、"), { categories: null });
    if (view.level) add(PM.term(view.level), { level: "" });
    if (view.hidden.length) add(t("legend") + " −" + view.hidden.length, { hidden: [] });
    if (view.problems !== "all") add(t("problems") + "：" + t("problems_" + view.problems), { problems: "all" });
    if (view.from != null) add(PM.day(view.from) + " – " + PM.day(view.until), { from: null, until: null, seen: "any" });
    if (!on.length) return null;
    return el("section", { class: "pm-actives" }, on, el("button", { type: "button", class: "pm-link", on: { click: () => PM.set(PM.unfiltered()) } }, t("clear")));
  };

  PM.unfiltered = () => ({ hidden: [], metre: null, level: "", asset: "", kinds: null, areas: null, unit: "", holder: "",
    categories: null, problems: "all", from: null, until: null, seen: "any" });
})();
