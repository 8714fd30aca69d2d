// Try the outage of several cameras or sites at once: chosen on the map with Shift, or by their names.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const state = gridsight.state;

  gridsight.changeOutage = function () {
    const name = el("input", { type: "text", maxlength: 200, autocomplete: "off", spellcheck: "false", "data-placeholder": "change_outage_name", "data-label": "change_outage_name",
      placeholder: gridsight.t("change_outage_name"), "aria-label": gridsight.t("change_outage_name") });
    const said = el("p", { class: "change-note", role: "status" });
    const fault = el("p", { class: "change-fault", role: "alert" });

    // Whether the service knows a site or a camera by its name; it says itself what it does not know.
    async function add() {
      const fresh = name.value.split(/[,，、;；\s]+/).filter((id) => id && !state.chosen.some((one) => one.id === id));
      fault.textContent = "";
      if (!fresh.length) return;
      const answer = await gridsight.trial.request({ outage: fresh });
      if (!answer.ok) {
        fault.textContent = desk.faultOf(answer, "change_outage_failed").text;
        return;
      }
      name.value = "";
      const known = fresh.filter((id) => !state.chosen.some((one) => one.id === id));
      gridsight.update({ chosen: state.chosen.concat(known.map((id) => ({ id, lat: NaN, lon: NaN }))) });
    }

    name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add();
    });
    const fail = desk.button("change_outage_try", () => {
      gridsight.changes.fail(state.chosen.map((one) => one.id));
      gridsight.update({ chosen: [] });
    });
    const pick = desk.button("change_outage_pick", () => {
      const on = pick.getAttribute("aria-pressed") !== "true";
      pick.setAttribute("aria-pressed", String(on));
      gridsight.changeMap.pick(on);
    }, { "aria-pressed": "false" });
    const clear = desk.button("change_outage_clear", () => gridsight.update({ chosen: [] }));

    function show() {
      const ids = state.chosen.map((one) => one.id);
      fail.disabled = clear.disabled = !ids.length;
      said.textContent = ids.length ? gridsight.t("change_outage_chosen", { n: ids.length, ids: ids.join(gridsight.t("comma")) }) : gridsight.t("change_outage_none");
    }

    gridsight.watch(["chosen", "lang"], show);
    show();
    return el("section", {}, [
      desk.heading("change_outage"), el("div", { class: "change-row" }, [name, desk.button("change_outage_add", add)]), fault, said,
      el("div", { class: "change-row" }, [pick, fail, clear]),
    ]);
  };
})();
