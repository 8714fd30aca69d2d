// Draw the profile of a line of sight: flat ground, obstacles as blocks, the line, and where it is blocked.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const WIDE = 396;
  const HIGH = 150;
  const EDGE = { left: 34, right: 10, top: 14, bottom: 20 };
  const UNKNOWN_M = 3; // rule U3: what an unknown height is at least

  // Where the line meets one of the obstacles: even of 3 m, where its height is unknown and it is met then.
  gridsight.meetsAt = (one) => (gridsight.missing(one.possible_meets_m) ? one.meets_m : one.possible_meets_m);

  const shape = (tag, attributes, text) => gridsight.svg(tag, attributes, text === undefined ? [] : [text]);

  // A round number at or above a third of the height.
  function step(most) {
    const power = 10 ** Math.floor(Math.log10(most / 2));
    return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= most / 3);
  }

  // An unknown height reaches to the top of the picture, dashed.
  gridsight.sightProfile = function (found, label) {
    const known = found.passed.map((one) => one.height).filter((one) => !gridsight.missing(one));
    const most = 1.12 * Math.max(found.from_height, found.to_height, UNKNOWN_M, ...known);
    const x = (metres) => EDGE.left + (metres / found.distance_m) * (WIDE - EDGE.left - EDGE.right);
    const y = (metres) => HIGH - EDGE.bottom - (metres / most) * (HIGH - EDGE.top - EDGE.bottom);
    const svg = shape("svg", { viewBox: "0 0 " + WIDE + " " + HIGH, class: "profile", role: "img", "aria-label": label });
    for (let level = 0; level <= most; level += step(most)) svg.append(shape("text", { x: EDGE.left - 5, y: y(level) + 3, "text-anchor": "end" }, gridsight.number(level)));
    svg.append(shape("text", { x: EDGE.left - 5, y: 9, "text-anchor": "end" }, "m"));
    svg.append(shape("text", { x: EDGE.left, y: HIGH - 6 }, "0"), shape("text", { x: WIDE - EDGE.right, y: HIGH - 6, "text-anchor": "end" }, gridsight.metres(found.distance_m)));
    found.passed.forEach((one, at) => {
      const top = y(gridsight.missing(one.height) ? most : one.height);
      const name = "profile-block" + (gridsight.missing(one.height) ? " unknown" : "") + (at === found.first ? " first" : "");
      svg.append(shape("rect", { x: x(one.start_m), y: top, width: Math.max(1, x(one.end_m) - x(one.start_m)), height: y(0) - top, class: name }));
    });
    svg.append(shape("line", { x1: EDGE.left, x2: WIDE - EDGE.right, y1: y(0), y2: y(0), class: "profile-ground" }));
    line(svg, found, x, y);
    return svg;
  };

  // The line is whole until it is blocked, and dashed from there on.
  function line(svg, found, x, y) {
    const [from, to] = [[0, found.from_height], [found.distance_m, found.to_height]];
    const first = found.first === null ? null : found.passed[found.first];
    const away = first && gridsight.meetsAt(first);
    const at = first && [away, found.from_height + ((found.to_height - found.from_height) * away) / found.distance_m];
    const piece = (a, b, name) => svg.append(shape("line", { x1: x(a[0]), y1: y(a[1]), x2: x(b[0]), y2: y(b[1]), class: name }));
    [from, to].forEach((end) => piece([end[0], 0], end, "profile-pole"));
    piece(from, at || to, "profile-line");
    if (at) piece(at, to, "profile-line hidden-part");
    [from, to].forEach((end) => svg.append(shape("circle", { cx: x(end[0]), cy: y(end[1]), r: 3.5, class: "profile-end" })));
    if (at) svg.append(shape("circle", { cx: x(at[0]), cy: y(at[1]), r: 4.5, class: "profile-meet" }));
  }
})();
