// Find the zones that a text names, and whether a gap or a zone is theirs (geo/assessment/named_zones.py).
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const names = (gridsight.zoneNames = {});

  // Width, case and blanks do not tell names apart.
  const plain = (text) => String(text).normalize("NFKC").toLowerCase().replace(/\s+/g, "");

  // A code of 12 digits without the zeros that pad it.
  function unpadded(code) {
    let text = code;
    if (/^\d{12}$/.test(text)) while (text.length > 6 && text.endsWith("000")) text = text.slice(0, -3);
    return text;
  }

  // The layer that gaps are cut by (rule G1).
  names.unitLayer = () => gridsight.model.zoneLayers().find((name) => name !== "microgrids") || null;

  // Larger zones and microgrids with the grids they have, as the service counted them; the units from their own rows.
  function all() {
    const unit = names.unitLayer();
    const units = gridsight.model.rows(unit).map((row) => ({ layer: unit, code: row.key, name: row.values.name, grids: [row.key] }));
    return units.concat(gridsight.model.zones.filter((one) => one.layer !== unit));
  }

  // Every zone that the text names, finest first: one for a code, perhaps several for a name.
  names.named = function (text) {
    const wanted = text.trim();
    if (!wanted) return [];
    const zones = all();
    const order = (one) => gridsight.config.zoneLayers.indexOf(one.layer);
    for (const fits of [(one) => one.layer + ":" + one.code === wanted, (one) => one.code === wanted, (one) => unpadded(one.code) === unpadded(wanted)]) {
      const found = zones.filter(fits);
      if (found.length) return [found.reduce((a, b) => (order(b) < order(a) ? b : a))];
    }
    return zones.filter((one) => !gridsight.missing(one.name) && plain(one.name) === plain(wanted));
  };

  // Every zone with the text somewhere in its name or code, for a text that is still being typed.
  names.containing = function (text) {
    const part = plain(text);
    return all().filter((one) => [one.code, one.name].some((word) => !gridsight.missing(word) && plain(word).indexOf(part) >= 0));
  };

  // Whether a gap is one of these zones' own: of any of their grids, or in a zone that has none.
  names.hasGap = function (zones) {
    const grids = new Set(zones.flatMap((one) => one.grids));
    const parts = zones.filter((one) => !one.grids.length).map((one) => gridsight.model.row(one.layer, one.code)).filter(Boolean);
    return (v) => grids.has(String(v.grid)) || parts.some((row) => gridsight.shapes.contains(row.shape, v.lat, v.lon));
  };

  // Whether a row of a layer is of the zone `layer:code`: of a zone, whether it is in it or has it in it, as
  // geo/assessment/zones_inside.py says; everything is of no zone.
  names.ofZone = function (layer, key) {
    const found = key ? names.named(key)[0] : null;
    if (!key) return () => true;
    if (!found) return () => false;
    if (layer === "gaps") {
      const isOwn = names.hasGap([found]);
      return (row) => isOwn(row.values);
    }
    const zone = gridsight.model.row(found.layer, found.code);
    const within = (inner, outer) => {
      const middle = gridsight.shapes.middle(inner.shape);
      return Boolean(middle) && gridsight.shapes.contains(outer.shape, middle[0], middle[1]);
    };
    const size = (row) => {
      const box = gridsight.shapes.bounds(row.shape);
      return box.isValid() ? (box.getNorth() - box.getSouth()) * (box.getEast() - box.getWest()) : 0;
    };
    if (!gridsight.model.isZone(layer)) return (row) => gridsight.shapes.contains(zone.shape, row.values.lat, row.values.lon);
    return (row) => row === zone || (size(row) > 2 * size(zone) ? within(zone, row) : within(row, zone));
  };

  // Whether a zone is one of these, or shares a grid with one of them.
  names.hasZone = function (zones) {
    const keys = new Set(zones.map((one) => one.layer + ":" + one.code));
    const grids = new Set(zones.flatMap((one) => one.grids));
    const known = new Map(gridsight.model.zones.map((one) => [one.layer + ":" + one.code, one.grids]));
    return (row) => {
      const key = row.layer + ":" + row.key;
      return keys.has(key) || (known.get(key) || [row.key]).some((code) => grids.has(code));
    };
  };
})();
