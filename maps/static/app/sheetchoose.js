// Choose rows of the sheet: one that is shown on the map, or several, by Ctrl and Shift or by the switch for fingers.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const { sheet } = gridsight;
  const state = gridsight.state;
  const NARROW = 760; // pixels, as in the style sheets
  let anchor = null; // the row that Shift extends from

  const set = (patch) => gridsight.update({ sheet: Object.assign({}, state.sheet, patch) });
  const toggled = (key) => (state.sheet.keys.indexOf(key) >= 0 ? state.sheet.keys.filter((one) => one !== key) : state.sheet.keys.concat([key]));

  // With Ctrl, or while several are chosen, one more or less; with Shift all of `keys` from the last one on.
  sheet.choose = function (key, event, keys) {
    const { layer } = state.sheet;
    if (event.shiftKey && anchor !== null && keys.indexOf(anchor) >= 0) {
      const [a, b] = [keys.indexOf(anchor), keys.indexOf(key)].sort((x, y) => x - y);
      return set({ keys: keys.slice(a, b + 1) });
    }
    anchor = key;
    if (event.ctrlKey || event.metaKey || state.sheet.several) return set({ keys: toggled(key) });
    set({ keys: [key] });
    if (layer === "claims") return gridsight.update({ claim: key });
    // On a phone the sheet covers the map that the row is shown on.
    if (window.innerWidth <= NARROW) set({ isOpen: false });
    return gridsight.select(layer, key, { fly: true });
  };

  // From here on Shift extends where it has extended from nothing yet.
  sheet.extendFrom = (key) => anchor === null && (anchor = key);

  // What the map chose: one row, or one more of several.
  sheet.chosenOnMap = function (row) {
    const { keys, several } = state.sheet;
    if (keys.indexOf(row.key) < 0) set({ keys: several ? keys.concat([row.key]) : [row.key] });
  };

  // A finger has no Ctrl: while this is on, a touch takes a row, or an area of the map, to those that are chosen.
  sheet.severalSwitch = function () {
    const press = () => set({ several: !state.sheet.several, keys: state.sheet.several ? state.sheet.keys.slice(-1) : state.sheet.keys });
    const button = gridsight.button("sheet_several", press, { "aria-pressed": "false" });
    gridsight.watch("sheet", (now) => button.setAttribute("aria-pressed", String(now.several)));
    return button;
  };
})();
