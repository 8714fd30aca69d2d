// Ask the server what the text in the search box may be the beginning of: places, roads and stored addresses near the view.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const t = (key, values) => gridsight.t(key, values);
  const SHOWN = 8;
  const LONGEST = 100;
  const LAYERS = { county: "counties", township: "townships", village: "villages", grid: "grids", microgrid: "microgrids" };

  const levelOf = (one) => t(LAYERS[one.level] || (gridsight.has(one.level) ? one.level : "place"));

  // Those who may not ask /locate may not ask this either (docs/contract.md section 5).
  gridsight.maySuggest = (text) =>
    gridsight.config.mode === "served" && gridsight.config.role !== "public" && text.length <= LONGEST && /[^\d\s.,，;#+-]/.test(text);

  // The zone of a suggestion, where the run shown has zones of its kind.
  function zoneOf(one) {
    const layer = LAYERS[one.level];
    return layer && gridsight.model.zoneLayers().indexOf(layer) >= 0 ? { layer, key: String(one.code) } : null;
  }

  async function open(one, locate, goTo) {
    const zone = zoneOf(one);
    if (zone && (await gridsight.source.row(zone.layer, zone.key))) {
      if (zone.layer !== gridsight.state.zoneLayer) gridsight.colourBy(zone.layer);
      return gridsight.select(zone.layer, zone.key, { fly: true });
    }
    if (one.level !== "address" && !gridsight.missing(one.lon)) {
      return goTo(one.text, one.lon, one.lat, () => [levelOf(one), one.code].filter(Boolean).join(" "));
    }
    // A street may cross several grids: what owns it is the answer to its address, the widest place first.
    return locate(one.text.replace(/^(.*) \(([^()]*)\)$/, "$2$1"), one.text);
  }

  // Options of the list: what the answer names, and how it is opened.
  gridsight.suggestions = async function (text, locate, goTo) {
    const centre = gridsight.map.getCenter().wrap();
    const view = "&lon=" + centre.lng.toFixed(3) + "&lat=" + centre.lat.toFixed(3) + "&limit=" + SHOWN;
    const found = await gridsight.source.fetchJson("/suggest?q=" + encodeURIComponent(text) + view);
    return found.map((one) => ({
      name: one.text,
      note: levelOf(one) + " · " + t("suggest_" + one.why),
      zone: zoneOf(one),
      open: () => open(one, locate, goTo),
    }));
  };
})();
