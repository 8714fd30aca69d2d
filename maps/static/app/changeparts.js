// Share what the panel of changes is made of: calls of the service with versions, buttons, signed differences.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  /** @type {Record<string, any>} */
  const desk = (gridsight.desk = {});
  const ITEMS = "/ogc/collections/cameras/items";

  desk.cameraPath = (id) => ITEMS + (id === undefined ? "" : "/" + encodeURIComponent(id));

  // Ask the service; gives { ok, status, data, etag, reason }, also where it cannot be reached (status 0).
  desk.send = async function (method, path, body, headers) {
    const all = Object.assign({ Accept: "application/json", "Accept-Language": gridsight.lang() }, headers);
    if (body !== undefined && !all["Content-Type"]) all["Content-Type"] = "application/json";
    try {
      const response = await fetch(path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await response.text();
      let data = null;
      try {
        data = text ? JSON.parse(text) : null;
      } catch (unreadable) {
        data = null;
      }
      const reason = response.ok ? "" : (data && (data.detail || data.title)) || String(response.status);
      return { ok: response.ok, status: response.status, data, etag: response.headers.get("etag"), reason };
    } catch (unreachable) {
      return { ok: false, status: 0, data: null, etag: null, reason: gridsight.t("change_offline") };
    }
  };

  // What went wrong, for people: that they are signed out, or the reason within a sentence.
  desk.faultOf = function (answer, key, values) {
    const signedOut = answer.status === 401;
    return {
      signedOut,
      // Asked for whenever it is shown, so that it follows the language.
      get text() {
        return signedOut ? gridsight.t("change_signed_out") : gridsight.t(key, Object.assign({ reason: answer.reason }, values));
      },
    };
  };

  // A camera with its version, as it is stored; null where there is none, an error where it cannot be read.
  desk.readCamera = async function (id) {
    const answer = await desk.send("GET", desk.cameraPath(id) + "?f=json");
    if (answer.status === 404) return null;
    if (!answer.ok) throw Object.assign(new Error(answer.reason), { answer });
    // A change that was begun meanwhile is of the version that was known then.
    if (!gridsight.changes.find(id) || !gridsight.changes.known.has(id)) gridsight.changes.know(id, answer.data, answer.etag);
    return answer.data;
  };

  desk.button = gridsight.button;

  // A button with a word and, for who hears it only, what it is for.
  desk.smallButton = (word, label, press) => el("button", { type: "button", class: "link", "aria-label": label, title: label, onclick: press }, gridsight.t(word));

  desk.heading = (word) => el("h2", { "data-t": word }, gridsight.t(word));

  // A difference with its sign.
  desk.signed = function (name, value) {
    if (gridsight.missing(value)) return "–";
    const size = gridsight.describe.figure(name, Math.abs(value));
    return value > 0 ? "+" + size : value < 0 ? "−" + size : size;
  };

  // A value of a camera as people read it.
  desk.valueText = function (name, value) {
    if (name === "geometry") return value ? value.coordinates.map((one) => Number(one).toFixed(6)).join(", ") : "–";
    if (gridsight.missing(value)) return gridsight.t(name === "azimuth" ? "change_unknown" : "change_missing");
    const key = name + "_of_" + value;
    return gridsight.has(key) ? gridsight.t(key) : String(value);
  };

  desk.fieldText = (name) => (name === "geometry" ? gridsight.t("change_position") : gridsight.has("field_" + name) ? gridsight.t("field_" + name) : name);

  // A fault, with the way to sign in where that is what is missing.
  desk.faultLine = (fault) =>
    el("p", { class: "change-fault" }, [fault.text, " ", fault.signedOut ? el("a", { href: "/login" }, gridsight.t("sign_in")) : null]);
})();
