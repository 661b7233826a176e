/* Colours for things that have no order, such as crews or holders: eight hues that stay apart for the
   colour-blind (Okabe and Ito's, black left out), then the same again with other dashes. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  const HUES = {
    light: ["#0072b2", "#d55e00", "#00795a", "#b0457f", "#8a6d00", "#2f8fc4", "#5b3c9e", "#6b4226"],
    dark: ["#56b4e9", "#ff8c3a", "#2fd0a0", "#ef8fc0", "#f0e442", "#a6d8f5", "#b9a2f0", "#d3a17f"],
  };
  const DASHES = [[], [14, 5], [3, 5], [14, 5, 3, 5]];
  /** The look of the n-th thing: `{colour, dash}`; after 32 they repeat. */
  PM.hue = function (n, theme) {
    const hues = HUES[theme];
    return { colour: hues[n % hues.length], dash: DASHES[Math.floor(n / hues.length) % DASHES.length] };
  };
})(self);
