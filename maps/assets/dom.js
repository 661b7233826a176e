/* Make elements. Text goes in as text and never as markup: there is no other way in this page. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  /** el("button", {class: "x", on: {click}}, "text", child, null): attributes, listeners, children. */
  PM.el = function (tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, given] of Object.entries(attributes || {})) {
      // "true" and "false" are words to a screen reader: a switch that says neither is none.
      const value = name.startsWith("aria-") && typeof given === "boolean" ? String(given) : given;
      if (value === false || value == null) continue;
      if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
      else if (name === "style") for (const [property, v] of Object.entries(value)) node.style.setProperty(property, v);
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children.flat()) if (child != null && child !== false) node.append(child);
    return node;
  };
  /** Make `nodes` the children of `parent`; those that are already stay untouched, with all their layout. */
  PM.swap = function (parent, nodes) {
    const wanted = new Set(nodes);
    for (const child of Array.from(parent.childNodes)) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, k) => {
      if (parent.childNodes[k] !== node) parent.insertBefore(node, parent.childNodes[k] || null);
    });
  };
  /** Make `canvas` a still picture by `draw(ctx)`. What was drawn on is copied for every frame of the page, a picture once. */
  PM.still = function (canvas, width, height, draw) {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    if (typeof OffscreenCanvas === "undefined") {
      const ctx = canvas.getContext("2d");
      ctx.resetTransform();
      ctx.clearRect(0, 0, width, height);
      return draw(ctx);
    }
    const sheet = new OffscreenCanvas(width, height);
    draw(sheet.getContext("2d"));
    return PM.showPicture(canvas, sheet.transferToImageBitmap());
  };
  PM.showPicture = (canvas, picture) => canvas.getContext("bitmaprenderer").transferFromImageBitmap(picture);
  const SVG = "http://www.w3.org/2000/svg";
  PM.svg = function (tag, attributes, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, String(value));
    node.append(...children);
    return node;
  };
  /** A sample of a state's line, as on the map. */
  PM.sample = function (state, theme) {
    const svg = PM.svg("svg", { width: 46, height: 14, viewBox: "0 0 46 14", "aria-hidden": "true" });
    for (const [colour, width, dash, cap] of PM.THEMES[theme].lines[state]) {
      const line = PM.svg("line", { x1: 3, y1: 7, x2: 43, y2: 7, stroke: colour, "stroke-width": width });
      if (dash) line.setAttribute("stroke-dasharray", dash.join(" "));
      if (cap) line.setAttribute("stroke-linecap", cap);
      svg.append(line);
    }
    return svg;
  };
})();
