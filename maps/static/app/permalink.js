// Keep the view in the address: ?run= and #zoom/lat/lon/selection/lang/parts, restored on load and when the address changes.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  let last = "";
  let ready = false;

  // A gap is named by its grid and place: its rank is another in the next run.
  function linkKey(row) {
    const v = row.values;
    if (row.layer !== "gaps" || gridsight.missing(v.lon)) return row.key;
    return (gridsight.missing(v.grid) ? "" : v.grid) + "@" + Number(v.lon).toFixed(6) + "," + Number(v.lat).toFixed(6);
  }

  function selected() {
    const row = gridsight.selection;
    return row && row.layer !== "place" ? row.layer + ":" + encodeURIComponent(linkKey(row)) : "-";
  }

  // The nearest gap of that grid within two metres of that place, as the last digit may be rounded; or of an old link, by rank.
  async function gapKey(key) {
    const found = /^(.*)@(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(key);
    if (!found) return key;
    const away = (v) => Math.max(Math.abs(v.lon - Number(found[2])), Math.abs(v.lat - Number(found[3])));
    const unit = gridsight.zoneNames.unitLayer();
    const all = await gridsight.source.page("gaps", { text: found[1] ? (unit ? unit + ":" : "") + found[1] : "", limit: 1000 });
    const near = all.rows.filter((row) => String(gridsight.missing(row.values.grid) ? "" : row.values.grid) === found[1] && away(row.values) < 2e-5);
    return near.length ? near.reduce((a, b) => (away(b.values) < away(a.values) ? b : a)).key : null;
  }

  function text() {
    const map = gridsight.map;
    const centre = map.getCenter();
    const parts = gridsight.linkParts.text();
    return "#" + [map.getZoom().toFixed(2).replace(/\.?0+$/, ""), centre.lat.toFixed(5), centre.lng.toFixed(5), selected(), gridsight.lang()].join("/") + (parts ? "/" + parts : "");
  }

  // The served page names its run: a link opened after the next analysis shows what it showed.
  function search() {
    if (gridsight.config.mode !== "served" || !gridsight.model.run) return "";
    const query = new URLSearchParams(window.location.search);
    query.set("run", gridsight.model.run.id);
    return "?" + query;
  }

  function write() {
    if (!ready) return;
    last = text();
    try {
      window.history.replaceState(null, "", search() + last);
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
    return { zoom: numbers[0], lat: numbers[1], lon: numbers[2], layer: key === null ? null : parts[3].slice(0, cut), key, lang: parts[4], parts: gridsight.linkParts.read(parts[5]) };
  };

  function restore() {
    const link = gridsight.readLink(window.location.hash);
    if (!link) return false;
    if (link.lang === "zh" || link.lang === "en") gridsight.speak(link.lang);
    gridsight.map.setView([link.lat, link.lon], link.zoom, { animate: false });
    return showAll(link);
  }

  async function showAll(link) {
    const absent = [];
    await gridsight.linkParts.apply(link.parts, absent);
    if (link.layer && link.key !== null) await choose(link, absent);
    gridsight.linkParts.openTab(link.parts);
    if (!absent.length) return;
    gridsight.tell(() => gridsight.t("link_absent", { what: absent.join(gridsight.t("comma")) }));
    gridsight.watch("selection", (row) => row && gridsight.tell(null));
  }

  // Choose what a link names; where the run does not have it, it is absent.
  async function choose(link, absent) {
    const layer = link.layer;
    if (!link.parts.zones && gridsight.model.isZone(layer) && gridsight.source.summary(layer)) gridsight.colourBy(layer);
    const isThere = gridsight.source.offers(layer);
    const key = isThere && layer === "gaps" ? await gapKey(link.key).catch(() => null) : isThere ? link.key : null;
    if (layer === "verdicts" && gridsight.source.behind) await gridsight.source.behind;
    if (key !== null && (await gridsight.select(layer, key, { still: true }))) return;
    absent.push(layer + ":" + link.key);
  }

  gridsight.startPermalink = function () {
    gridsight.linkParts.begin();
    const restored = restore();
    ready = true;
    gridsight.map.on("moveend", write);
    gridsight.watch(/** @type {any} */ (["selection", "lang", "scope", "tab", "shown", "zoneLayer", "figure", "base", "bases"]), write);
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
