// Show what will be printed: the very file, in a dialog; where the browser shows no PDF, offer it for download.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const t = (key, values) => gridsight.t(key, values);
  let box = null; // the dialog and its parts, once it is there
  let asked = null; // what ends the request that is on its way
  let address = ""; // of the file that is shown

  function make() {
    const status = el("p", { class: "press-status", role: "status" });
    const frame = /** @type {any} */ (el("iframe", { class: "press-frame", "data-label": "press_preview", "aria-label": t("press_preview"), hidden: true }));
    const save = el("a", { class: "button", "data-t": "press_download", hidden: true }, t("press_download"));
    const leave = desk.button("press_close", () => dialog.close());
    const head = el("div", { class: "press-head" }, [el("h2", { "data-t": "press_preview" }, t("press_preview")), save, leave]);
    const dialog = /** @type {any} */ (el("dialog", { class: "press-dialog", "data-label": "press_preview", "aria-label": t("press_preview") }, [head, status, frame]));
    dialog.addEventListener("close", forget);
    document.body.append(dialog);
    return { dialog, status, frame, save };
  }

  // Whatever was asked for is given up, and the file is let go.
  function forget() {
    if (asked) asked.abort();
    asked = null;
    if (box.before && box.before.isConnected) box.before.focus();
    box.frame.hidden = true;
    box.frame.removeAttribute("src");
    if (address) URL.revokeObjectURL(address);
    address = "";
  }

  function say(...parts) {
    gridsight.empty(box.status).append(...parts);
  }

  // Only a PDF is ever put into the frame: what the service refuses is said in words.
  async function ask(path, signal) {
    const response = await fetch(path, { headers: { Accept: "application/pdf", "Accept-Language": gridsight.lang() }, signal });
    if (response.ok && (response.headers.get("content-type") || "").startsWith("application/pdf")) return response.blob();
    const problem = await response.json().catch(() => null);
    const reason = (problem && (problem.detail || problem.title)) || String(response.status);
    throw Object.assign(new Error(reason), { status: response.status });
  }

  function show(file, name) {
    address = URL.createObjectURL(file);
    box.save.href = address;
    box.save.download = name;
    box.save.hidden = false;
    if (/** @type {any} */ (navigator).pdfViewerEnabled === false) return say(t("press_no_viewer"));
    box.frame.hidden = false;
    box.frame.src = address + "#navpanes=0&view=Fit";
    return say(t("press_drawn"));
  }

  // Open the dialog on what an address gives; `name` is that of the file.
  gridsight.pressPreview = async function (path, name) {
    box = box || make();
    box.before = document.activeElement;
    box.save.hidden = true;
    say(t("press_drawing"));
    box.dialog.setAttribute("aria-busy", "true");
    box.dialog.showModal();
    const own = (asked = new AbortController());
    try {
      const file = await ask(path, own.signal);
      if (own === asked) show(file, name);
    } catch (error) {
      if (own !== asked) return;
      const reason = error.status ? error.message : t("change_offline");
      say(desk.faultLine(desk.faultOf({ status: error.status || 0, reason }, "press_refused")));
    } finally {
      if (own === asked) box.dialog.removeAttribute("aria-busy");
    }
  };
})();
