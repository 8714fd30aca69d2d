// Keep the view in the address: #zoom/lat/lon/selection/lang, restored on load and when the address changes.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  let last = "";
  let ready = false;

  function selected() {
    const row = gridsight.selection;
    return row && row.layer !== "place" ? row.layer + ":" + encodeURIComponent(row.key) : "-";
  }

  function text() {
    const map = gridsight.map;
    const centre = map.getCenter();
    return "#" + [map.getZoom().toFixed(2).replace(/\.?0+$/, ""), centre.lat.toFixed(5), centre.lng.toFixed(5), selected(), gridsight.lang()].join("/");
  }

  function write() {
    if (!ready) return;
    last = text();
    try {
      window.history.replaceState(null, "", last);
    } catch (refused) {
      window.location.replace(last);
    }
  }

  gridsight.readLink = function (hash) {
    const parts = hash.replace(/^#/, "").split("/");
    const numbers = parts.slice(0, 3).map(Number);
    if (parts.length < 3 || numbers.some((one) => !Number.isFinite(one)) || Math.abs(numbers[1]) > 90) return null;
    const cut = (parts[3] || "-").indexOf(":");
    let key = null;
    try {
      key = cut > 0 ? decodeURIComponent(parts[3].slice(cut + 1)) : null;
    } catch (malformed) {
      key = null;
    }
    return { zoom: numbers[0], lat: numbers[1], lon: numbers[2], layer: key === null ? null : parts[3].slice(0, cut), key, lang: parts[4] };
  };

  function restore() {
    const link = gridsight.readLink(window.location.hash);
    if (!link) return false;
    if (link.lang === "zh" || link.lang === "en") gridsight.speak(link.lang);
    gridsight.map.setView([link.lat, link.lon], link.zoom, { animate: false });
    if (link.layer && link.key !== null) {
      const choose = () => {
        if (gridsight.model.isZone(link.layer) && gridsight.model.rows(link.layer).length) gridsight.colourBy(link.layer);
        return gridsight.select(link.layer, link.key, { still: true });
      };
      // A selection in a layer that is still loading is made when it has loaded.
      if (!choose() && gridsight.source.behind) gridsight.source.behind.then(() => gridsight.selection || choose());
    }
    return true;
  }

  gridsight.startPermalink = function () {
    const restored = restore();
    ready = true;
    gridsight.map.on("moveend", write);
    gridsight.on("selected", write);
    gridsight.on("lang", write);
    window.addEventListener("hashchange", () => window.location.hash !== last && restore());
    gridsight.byId("copy-link").addEventListener("click", async () => {
      write();
      try {
        await navigator.clipboard.writeText(window.location.href);
        gridsight.announce(gridsight.t("copied"));
        gridsight.byId("copy-link").textContent = gridsight.t("copied");
      } catch (refused) {
        window.prompt(gridsight.t("copy_link"), window.location.href);
      }
    });
    return restored;
  };
})();
