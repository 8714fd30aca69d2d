// Choose where rows come from: the page itself, or the host that served it. Both sources answer the same questions.
(function () {
  "use strict";

  const gridsight = window.gridsight;

  // Zoom from which each camera is a symbol of its own; below it they are counted by cells (maps/tiles/drawn_tiles.py).
  gridsight.POINTS_FROM = 13;

  /** @type {Source} */
  gridsight.source = /** @type {any} */ ({
    allowed: () => true,
    fetchJson: gridsight.servedSource.fetchJson,
    behind: null,
  });

  gridsight.source.start = async function () {
    Object.assign(gridsight.source, gridsight.config.mode === "served" ? gridsight.servedSource : gridsight.embeddedSource);
    await gridsight.source.start();
  };
})();
