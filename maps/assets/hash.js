/* The address after # holds the whole view, so that a link opens exactly what was seen. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const LISTS = { hide: "hidden", kind: "kinds", area: "areas", category: "categories" };
  const WORDS = { level: "level", unit: "unit", holder: "holder", asset: "asset" };
  // What card is open: of a segment, a finding or a problem.
  const CARDS = ["sel", "finding", "problem"];
  const CHOICES = { lang: ["language", ["zh", "en"]], theme: ["theme", ["light", "dark"]],
    metre: ["metre", ["unassigned", "conflicting", "never", "overdue", "unsure"]],
    problems: ["problems", ["all", "open", "late", "none"]], seen: ["seen", ["any", "seen", "unseen"]] };
  // Names of people do not belong into the address of a page that is locked.
  const SECRET = new Set(["unit", "holder", "asset"]);

  PM.toHash = function (view, map) {
    const out = new URLSearchParams();
    if (map) {
      const c = map.getCenter();
      out.set("at", [map.getZoom(), c.lat.toFixed(5), c.lng.toFixed(5)].join("/"));
    }
    for (const [key, name] of Object.entries(LISTS)) for (const v of view[name] || []) out.append(key, v);
    for (const [key, name] of Object.entries(WORDS)) {
      if (view[name] && !(PM.locked && SECRET.has(key))) out.set(key, view[name]);
    }
    for (const key of CARDS) if (view[key]) out.set(key, view[key]);
    for (const [key, [name]] of Object.entries(CHOICES)) {
      if (view[name] && view[name] !== PM.defaults[name]) out.set(key, view[name]);
    }
    if (view.from != null) out.set("days", PM.day(view.from) + ".." + PM.day(view.until));
    return "#" + out.toString();
  };

  /** What an address asks for, checked: unknown values are left out. */
  PM.fromHash = function (hash) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const view = {};
    for (const [key, name] of Object.entries(LISTS)) {
      const values = given.getAll(key);
      view[name] = name === "hidden" ? values.filter((v) => PM.DRAWN.includes(v)) : values.length ? values : null;
    }
    for (const [key, name] of Object.entries(WORDS)) view[name] = given.get(key) || "";
    for (const key of CARDS) view[key] = given.get(key) || null;
    for (const [key, [name, allowed]] of Object.entries(CHOICES)) {
      if (allowed.includes(given.get(key))) view[name] = given.get(key);
    }
    const days = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(given.get("days") || "");
    if (days && !Number.isNaN(Date.parse(days[1])) && !Number.isNaN(Date.parse(days[2]))) {
      view.from = Date.parse(days[1]) / 86400000;
      view.until = Date.parse(days[2]) / 86400000;
    }
    const at = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(given.get("at") || "");
    const place = at ? { zoom: Number(at[1]), lat: Number(at[2]), lng: Number(at[3]) } : null;
    const sane = place && place.zoom <= 19 && Math.abs(place.lat) <= 85 && Math.abs(place.lng) <= 180;
    return { view, at: sane ? place : null };
  };
})();
