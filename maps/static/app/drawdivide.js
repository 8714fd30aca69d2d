// Cut an area in two along a line, and make one of two neighbours.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  const net = gridsight.shapeNet;
  const borders = gridsight.shapeBorders;
  const desk = gridsight.desk;
  const drawing = gridsight.drawing;
  const COUNTS = ["households", "population", "staff", "heads", "staff_part_time"];
  const TAKEN_OVER = ["kind", "level", "village", "parent", "urban_rural"];
  const t = (key, values) => gridsight.t(key, values);

  // Counts of what was cut are not known of either part; what was merged has the sum where both are known.
  const without = (properties) => COUNTS.filter((name) => !gridsight.missing(properties[name])).reduce((out, name) => Object.assign(out, { [name]: null }), {});

  const taken = (properties) => TAKEN_OVER.reduce((out, name) => (name in properties ? Object.assign(out, { [name]: properties[name] }) : out), {});

  drawing.cut = async function (line) {
    const own = list.of(state.shaping);
    const beside = {};
    if (borders.areShared()) list.all().filter((one) => one.key !== own.key && math.touch(one.geometry, own.geometry, 1e-6)).forEach((one) => (beside[one.key] = one.geometry));
    const answer = await desk.send("POST", "/shapes/split", { shape: own.geometry, line: { type: "LineString", coordinates: line }, beside });
    if (!answer.ok) return drawing.failed({ answer });
    const key = list.newKey();
    const parts = answer.data.parts;
    const children = list.all().filter((one) => one.properties.parent === own.key && !gridsight.missing(one.properties.parent) && math.contains(parts[1], math.middle(one.geometry)));
    const gone = without(own.properties);
    try {
      await net.versions(Object.keys(answer.data.beside).concat(children.map((one) => one.key)).filter((one) => !list.isNew(one)));
    } catch (error) {
      return drawing.failed(error);
    }
    const halves = [{ key: own.key, geometry: parts[0], properties: gone }, { key, kind: "added", geometry: parts[1], properties: taken(own.properties) }];
    const bordering = Object.keys(answer.data.beside).map((one) => ({ key: one, geometry: answer.data.beside[one] }));
    list.put([...halves, ...bordering, ...children.map((one) => ({ key: one.key, properties: { parent: key } }))], false);
    gridsight.update({ drawing: null, shaping: key, corner: 0 });
    return drawing.tell(t("draw_split", { what: list.nameOf(own.key), n: parts.map((one) => gridsight.area(math.area(one))).join(" + ") }) + (Object.keys(gone).length ? " " + t("draw_counts_gone") : ""));
  };

  drawing.merge = (otherKey) => drawing.after(() => merge(otherKey));

  async function merge(otherKey) {
    const [own, other] = [list.of(state.shaping), list.of(otherKey)];
    const answer = await desk.send("POST", "/shapes/merge", { shapes: [own.geometry, other.geometry] });
    if (!answer.ok) return drawing.failed({ answer });
    const children = list.all().filter((one) => one.properties.parent === otherKey);
    try {
      await net.versions([otherKey].concat(children.map((one) => one.key)).filter((one) => !list.isNew(one)));
    } catch (error) {
      return drawing.failed(error);
    }
    const sums = {};
    COUNTS.forEach((name) => {
      const [mine, theirs] = [own.properties[name], other.properties[name]];
      if (!gridsight.missing(mine) || !gridsight.missing(theirs)) sums[name] = gridsight.missing(mine) || gridsight.missing(theirs) ? null : mine + theirs;
    });
    const name = list.nameOf(otherKey);
    const whole = [{ key: own.key, geometry: answer.data.shape, properties: sums }, { key: otherKey, kind: "removed" }];
    list.put([...whole, ...children.map((one) => ({ key: one.key, properties: { parent: own.key } }))], false);
    return drawing.tell(t("draw_merged", { what: list.nameOf(own.key), other: name }));
  }
})();
