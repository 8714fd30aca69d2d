// Open the namespace: settings, elements made without HTML text, numbers in readable form.
(function () {
  "use strict";

  const gridsight = (window.gridsight = /** @type {any} */ ({}));

  // A script element of data, or null where the page has none.
  gridsight.embedded = function (id) {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  };

  // Gather calls until the running task is over, then make one.
  gridsight.coalesce = function (work) {
    let waiting = false;
    return function () {
      if (waiting) return;
      waiting = true;
      Promise.resolve().then(() => {
        waiting = false;
        work();
      });
    };
  };

  // Put work off until so many milliseconds have passed without another call; 0 is now.
  gridsight.later = function (work, pause) {
    let waiting = 0;
    return function () {
      window.clearTimeout(waiting);
      if (pause) waiting = window.setTimeout(work, pause);
      else work();
    };
  };

  gridsight.byId = (id) => document.getElementById(id);

  // Every text goes in as a text node: data is untrusted and never inserted as HTML.
  gridsight.el = function (tag, attributes, children) {
    const element = document.createElement(tag);
    Object.keys(attributes || {}).forEach((name) => {
      const value = attributes[name];
      if (value === null || value === undefined || value === false) return;
      if (name === "class") element.className = value;
      else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    });
    [].concat(children === undefined ? [] : children).forEach((child) => {
      if (child === null || child === undefined) return;
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    });
    return element;
  };

  gridsight.svg = function (tag, attributes, children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(attributes).forEach((name) => element.setAttribute(name, String(attributes[name])));
    element.append(...(children || []));
    return element;
  };

  // A line drawing for a button.
  gridsight.icon = function (lines) {
    const path = gridsight.svg("path", { d: lines, stroke: "currentColor", "stroke-width": 1.5, "stroke-linejoin": "round", fill: "none" });
    return gridsight.svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, [path]);
  };

  // A button whose word changes with the language; `more` are further attributes.
  gridsight.button = (word, press, more) =>
    gridsight.el("button", Object.assign({ type: "button", class: "button", "data-t": word, onclick: press }, more), gridsight.t(word));

  gridsight.empty = function (element) {
    while (element.firstChild) element.removeChild(element.firstChild);
    return element;
  };

  gridsight.missing = (value) => value === null || value === undefined || value === "" || Number.isNaN(value);

  // Cached: making a formatter costs a hundred times what using it does.
  const formats = [0, 1, 2, 3].map(
    (digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
  );

  // Every figure of the page: nothing but 0 reads as 0, a smaller one than the last digit as "<0.001".
  function plain(value, digits) {
    const step = 10 ** -digits;
    const tiny = value !== 0 && Math.abs(value) < step / 2;
    if (!tiny) return formats[digits].format(value);
    return value > 0 ? "<" + formats[digits].format(step) : ">" + formats[digits].format(-step);
  }

  gridsight.count = (value) => (gridsight.missing(value) ? "–" : plain(Number(value), 0));

  // Weights: counts where they are whole or large, else three figures.
  gridsight.number = function (value) {
    if (gridsight.missing(value)) return "–";
    const size = Math.abs(value);
    return plain(Number(value), Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  };

  // Nothing but 1 reads as 100 % either (maps/style/coverage_classes.py).
  gridsight.share = function (value) {
    if (gridsight.missing(value)) return "–";
    return value >= 0.9995 && value < 1 ? ">99.9 %" : plain(value * 100, 1) + " %";
  };

  // Square metres as m², hectares or km², three figures.
  gridsight.area = function (value) {
    if (gridsight.missing(value)) return "–";
    if (value < 10000) return plain(value, value < 10 ? 1 : 0) + " m²";
    if (value < 1e6) return plain(value / 1e4, value < 1e5 ? 2 : 1) + " " + gridsight.t("hectares");
    return plain(value / 1e6, value < 1e7 ? 2 : 1) + " km²";
  };

  gridsight.metres = function (value) {
    if (gridsight.missing(value)) return "–";
    return value < 1000 ? plain(value, value < 10 ? 1 : 0) + " m" : plain(value / 1000, 2) + " km";
  };

  gridsight.degrees = (value) => Number(value).toFixed(5);

  // When something was made, in the reader's own time, to the minute; empty where that is not told.
  gridsight.minuteOf = function (text) {
    const made = new Date(text || "");
    if (Number.isNaN(made.getTime())) return "";
    const two = (number) => String(number).padStart(2, "0");
    const day = [made.getFullYear(), two(made.getMonth() + 1), two(made.getDate())].join("-");
    return day + " " + two(made.getHours()) + ":" + two(made.getMinutes());
  };

  gridsight.quiet = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  gridsight.announce = function (text) {
    gridsight.byId("announce").textContent = text;
  };
})();
