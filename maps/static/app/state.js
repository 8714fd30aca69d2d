// Hold the one state of the page: actions change it by update, views watch it and draw what it says.
(function () {
  "use strict";

  const gridsight = window.gridsight;

  /** @type {State} */
  const state = (gridsight.state = {
    lang: "zh", theme: "light", tab: "gaps", zoneLayer: null, figure: null,
    shown: { gaps: true, cameras: true, verdicts: true, rounds: true, reach: true, coverage: false, views: false, possible: false, labels: true },
    selection: null, scope: null, scopeGaps: null, hover: null, claim: null, arrived: null, tiles: null, marked: null, worst: [], run: null, fault: null, ready: false,
    edits: { list: [], past: [], future: [], live: false }, editing: null, trial: { answer: null, busy: null, fault: null }, chosen: [],
    importing: null, checks: null, inView: null, bases: [], base: null, baseOpacity: null, baseGrey: false,
    runs: { list: [], published: null, standsIn: false }, compared: null, difference: null, swipe: null,
    sheet: { isOpen: false, layer: null, keys: [], several: false }, measure: { isOpen: false, kind: "length", points: [] },
    shapes: { layer: "grids", list: [], past: [], future: [], live: false }, shaping: null, corner: 0, drawing: null, shapesCame: 0, shapeTheirs: null,
  });

  /** @type {{ keys: string[], listener: Function }[]} */
  const watchers = [];

  // Call the listener whenever one of these parts has been set; it gets the value of the first of them.
  gridsight.watch = function (keys, listener) {
    watchers.push({ keys: [].concat(keys), listener });
  };

  // The only way to change the state; whoever watches several parts set at once is told once.
  gridsight.update = function (patch) {
    Object.assign(state, patch);
    watchers.filter((one) => one.keys.some((key) => key in patch)).forEach((one) => one.listener(state[one.keys[0]]));
  };

  Object.defineProperty(gridsight, "selection", { get: () => state.selection });
})();
