// Show two versions of what somebody else changed meanwhile, field by field, and ask which is to be stored.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const HEADINGS = ["change_field", "change_was", "change_mine", "change_theirs"];

  // Gives { element, show(name, rows, keep, take) }; `rows` gives { name, was, mine, theirs } in the language of the
  // moment, texts but for the field's name, which `fieldText` says.
  gridsight.conflictBox = function (fieldText) {
    const element = el("div", { class: "change-conflict", role: "group", tabindex: "-1", hidden: true });
    let again = () => {};
    gridsight.watch("lang", () => element.hidden || again());

    function show(name, rows, keep, take) {
      again = () => write(name, rows, keep, take);
      again();
      element.hidden = false;
      element.focus();
    }

    function write(name, rows, keep, take) {
      const answer = (work) => () => {
        element.hidden = true;
        work();
      };
      const said = fieldText || desk.fieldText;
      gridsight.empty(element).append(
        el("h3", {}, gridsight.t("change_conflict", { what: name })),
        el("table", {}, [
          el("thead", {}, el("tr", {}, HEADINGS.map((word) => el("th", { scope: "col", "data-t": word }, gridsight.t(word))))),
          el("tbody", {}, rows().map((one) => el("tr", {}, [el("th", { scope: "row" }, said(one.name)), el("td", {}, one.was), el("td", {}, one.mine), el("td", {}, one.theirs)]))),
        ]),
        el("div", { class: "change-row" }, [desk.button("change_keep_mine", answer(keep)), desk.button("change_take_theirs", answer(take))])
      );
      element.setAttribute("aria-label", gridsight.t("change_conflict", { what: name }));
    }

    return { element, show };
  };
})();
