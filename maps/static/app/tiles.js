// Hold the tiles of the view: fetched once, read, and given as sheets of features that the canvases draw.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const tiles = (gridsight.tiles = {});
  const EXTENT = 4096;
  const KEPT = 240; // tiles that are read; the longest unused go first
  const AGAIN_MS = 10000; // until a tile that failed is asked for again
  const WIDEST = 20; // zoom of the finest tiles

  const kept = new Map();
  let open = 0;
  let waiting = [];

  // A tile covers 512 to 1,024 pixels, so that a view has six of them and not thirty.
  const zoomOfTiles = () => Math.max(0, Math.min(WIDEST, Math.floor(gridsight.map.getZoom()) - 1));

  function inView(z) {
    const map = gridsight.map;
    const box = map.getPixelBounds();
    const margin = box.getSize().multiplyBy(0.12);
    const side = 256 * map.getZoomScale(map.getZoom(), z);
    const last = 2 ** z - 1;
    const range = (from, to) => [Math.max(0, Math.floor(from / side)), Math.min(last, Math.floor(to / side))];
    const [west, east] = range(box.min.x - margin.x, box.max.x + margin.x);
    const [north, south] = range(box.min.y - margin.y, box.max.y + margin.y);
    const found = [];
    for (let y = north; y <= south; y++) for (let x = west; x <= east; x++) found.push([z, x, y]);
    return found;
  }

  function settle() {
    if (open) return;
    const told = waiting;
    waiting = [];
    told.forEach((done) => done());
  }

  // Whether nothing is on its way: what has to be waited for before a picture is whole.
  tiles.settled = () => new Promise((done) => {
    waiting.push(done);
    settle();
  });

  async function load(entry, path, name) {
    open++;
    try {
      const response = await fetch(path);
      if (response.status === 200) entry.features = gridsight.readTile(await response.arrayBuffer(), gridsight.config.keys[name]);
      else if (response.status === 204) entry.features = [];
      else throw await gridsight.reasonOf(response);
    } catch (error) {
      // What failed is asked for again after a while, not at once: the next picture would ask again and again.
      entry.features = [];
      entry.failedAt = Date.now();
      gridsight.update({ fault: { what: gridsight.has(name) ? gridsight.t(name) : name, reason: error.message } });
    }
    open--;
    gridsight.update({ tiles: name });
    settle();
  }

  function entryOf(path, name) {
    let entry = kept.get(path);
    if (entry && entry.failedAt && Date.now() - entry.failedAt > AGAIN_MS) entry = null;
    if (entry) {
      kept.delete(path); // the last used are last
    } else {
      entry = { features: null, failedAt: 0 };
      load(entry, path, name);
    }
    kept.set(path, entry);
    while (kept.size > KEPT) kept.delete(kept.keys().next().value);
    return entry;
  }

  // A tile as a sheet: how its units become points of the map's panes, and the box that it may draw in.
  function sheet(features, at, clip) {
    const map = gridsight.map;
    const origin = map.getPixelOrigin();
    const side = (zxy) => 256 * map.getZoomScale(map.getZoom(), zxy[0]);
    const box = (zxy) => [zxy[1] * side(zxy) - origin.x, zxy[2] * side(zxy) - origin.y];
    const [x, y] = box(at);
    const [left, top] = box(clip);
    return { features, scale: side(at) / EXTENT, x, y, clip: [left, top, left + side(clip), top + side(clip)] };
  }

  // While a tile is on its way, the part of a coarser one that is there stands in for it.
  function standIn(zxy, pathOf) {
    let [z, x, y] = zxy;
    while (z > 0 && zxy[0] - z < 5) {
      [z, x, y] = [z - 1, x >> 1, y >> 1];
      const entry = kept.get(pathOf(z, x, y));
      if (entry && entry.features) return sheet(entry.features, [z, x, y], zxy);
    }
    return null;
  }

  // Rows of a layer were changed: its tiles are fetched anew.
  tiles.forget = function (name) {
    [...kept.keys()].filter((path) => path.indexOf("/tiles/" + encodeURIComponent(name) + "/") > 0).forEach((path) => kept.delete(path));
    gridsight.update({ tiles: name });
  };

  // The sheets of a layer in the view; `query` is what its tiles carry, `of` another run than the page's.
  tiles.sheets = function (name, query, of) {
    const run = encodeURIComponent(of || gridsight.model.run.id);
    const pathOf = (z, x, y) => "/page/" + run + "/tiles/" + name.split("/").map(encodeURIComponent).join("/") + "/" + [z, x, y].join("/") + (query ? "?" + query : "");
    return inView(zoomOfTiles()).map((zxy) => {
      const entry = entryOf(pathOf(...zxy), name);
      if (entry.features) return sheet(entry.features, zxy, zxy);
      return name === "cameras" ? null : standIn(zxy, pathOf);
    }).filter(Boolean);
  };
})();
