// Look an address or a point up, and show what the service answers: one place, candidates, or that it is not known.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const t = (key, values) => gridsight.t(key, values);
  // Rule L3: no CRS named, no answer; so each reading of a pair of numbers is an answer of its own.
  const SYSTEMS = [["wgs84", "WGS-84"], ["cgcs2000", "CGCS2000"], ["gcj02", "GCJ-02"], ["bd09", "BD-09"]];

  let requests = 0;

  const served = () => gridsight.config.mode === "served";

  // `text` makes the sentence of the answer, `faults` are those of its candidate.
  function goTo(name, lon, lat, text, faults) {
    const row = new gridsight.model.Row({ name, lon, lat, text, faults: faults || [] }, () => []);
    Object.assign(row, { layer: "place", key: lon.toFixed(6) + "," + lat.toFixed(6) });
    gridsight.select("place", row.key, { row, fly: true });
  }

  function locatePoint(name, lon, lat) {
    const zone = gridsight.model.zoneLayers().map((layer) => gridsight.model.zoneAt(layer, lat, lon)).find(Boolean);
    return zone
      ? t("located_in", { name, grid: gridsight.model.label(zone) + " " + zone.key })
      : t("located_none", { name });
  }

  function points(text) {
    const found = gridsight.readCoordinates(text);
    if (!found) return [];
    if (found.systems) return projected(found);
    const lon = Number(found.lon.toFixed(9));
    const lat = Number(found.lat.toFixed(9));
    const shown = lon + ", " + lat;
    return (served() ? SYSTEMS : SYSTEMS.slice(0, 2)).map((system) => ({
      name: t("search_point", { text: shown, crs: system[1] }),
      note: t("place"),
      // CGCS2000 and WGS-84 differ by centimetres; the shifted systems are converted by the server.
      open: () => (served() ? locate("lon=" + lon + "&lat=" + lat + "&crs=" + system[0], shown) : goTo(shown, lon, lat, () => locatePoint(shown, lon, lat))),
    }));
  }

  // Metres are converted by the service alone.
  function projected(found) {
    const shown = found.x + ", " + found.y;
    return (served() ? found.systems : []).map((crs) => ({
      name: t("search_point", { text: shown, crs }),
      note: t("place"),
      open: () => locate("lon=" + found.x + "&lat=" + found.y + "&crs=" + crs, shown),
    }));
  }

  async function locate(query, name) {
    const request = ++requests;
    gridsight.resultList.stop();
    gridsight.announce(t("loading"));
    try {
      const match = await gridsight.source.fetchJson("/locate?" + query);
      if (request === requests) showMatch(match, name, query.startsWith("lon="));
    } catch (error) {
      if (request === requests) gridsight.resultList.say(t("search_failed", { reason: error.message }));
    }
  }

  // Whether the query was a point: only of a point can be said that it lies outside every grid.
  function describeMatch(match, name, isPoint) {
    const first = match.candidates && match.candidates[0];
    const status = t("locate_status_" + match.status);
    if (!first) return status + " · " + t(isPoint ? "located_none" : "address_unknown", { name });
    if (!first.grid) {
      const known = (first.chain || []).map((one) => one.name || one.code).join(" ");
      return status + " · " + (known && !isPoint ? t("address_part", { name, known }) : t(isPoint ? "located_none" : "address_no_grid", { name }));
    }
    const said = match.status === "partial" ? "located_part" : "located_in";
    const likely = isPoint ? "" : probable(first);
    return [status, t(said, { name, grid: (first.grid.name || "") + " " + first.grid.code }), likely].filter(Boolean).join(" · ");
  }

  const probable = (candidate) =>
    gridsight.missing(candidate.score) ? "" : t("locate_score", { share: gridsight.share(candidate.score) });

  // An address that may be in several grids: every candidate with its chain and why it is doubtful, none opened.
  function listCandidates(match, name) {
    const found = match.candidates.map((one) => {
      const grid = one.grid;
      const chain = (one.chain || []).map((link) => link.name || link.code).join(" ");
      const title = grid ? (grid.name || "") + " " + grid.code : chain || name;
      return {
        name: title.trim(),
        note: [grid ? chain : "", probable(one)]
          .concat(faultsOf(one).map((fault) => gridsight.own(fault.text))).filter(Boolean).join(" · "),
        open: async () => (grid && (await choose(grid))) || gridsight.resultList.say(describeMatch({ status: "partial", candidates: [one] }, name, false)),
      };
    });
    gridsight.resultList.show(found, t("locate_status_" + match.status) + " · " + t("search_count", { n: found.length }));
  }

  async function showMatch(match, name, isPoint) {
    const candidates = match.candidates || [];
    // The place of an earlier answer is not one of this answer.
    if (gridsight.selection && gridsight.selection.layer === "place") gridsight.unselect();
    if (candidates.length > 1 || (match.status === "ambiguous" && candidates.length)) return listCandidates(match, name);
    const first = candidates[0];
    const faults = first ? faultsOf(first) : [];
    const text = () => describeMatch(match, name, isPoint);
    if (match.point) return goTo(name, match.point[0], match.point[1], text, faults);
    if (first && first.grid && (await choose(first.grid)) && !faults.length) return gridsight.announce(text());
    return gridsight.resultList.say(text(), faults);
  }

  const faultsOf = (candidate) => candidate.faults || [];

  // A grid of an answer: a microgrid may have the code of a grid.
  async function choose(grid) {
    const own = grid.level === 2 ? "microgrids" : "grids";
    const layers = gridsight.model.zoneLayers();
    for (const name of [own].concat(layers.filter((one) => one !== own))) {
      if (layers.indexOf(name) >= 0 && (await gridsight.select(name, grid.code, { fly: true }))) return true;
    }
    return false;
  }

  gridsight.locating = {
    goTo, points, locate,
    isPoint: (text) => gridsight.readCoordinates(text) !== null,
    address: (text, name) => locate("address=" + encodeURIComponent(text), name),
    // An answer that is still on its way is shown no more.
    forget: () => requests++,
  };
})();
