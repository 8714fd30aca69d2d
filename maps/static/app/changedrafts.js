// Drafts: changes under a name, to open again, to compare with what is now, and to hand on by a link.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const changes = gridsight.changes;
  const AT_ONCE = 6;
  /** @type {Record<string, any>} */
  const drafts = (gridsight.drafts = {});

  const path = (id) => "/drafts" + (id ? "/" + encodeURIComponent(id) : "");
  const linkTo = (id) => window.location.origin + "/?" + new URLSearchParams({ run: gridsight.model.run.id, draft: id });

  // Read the cameras of changes, some at once; those that are gone are left as they are.
  async function readCameras(ids) {
    const rest = ids.slice();
    const worker = async () => {
      while (rest.length) await desk.readCamera(rest.shift()).catch(() => null);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  drafts.readCameras = readCameras;

  // Gives { element, refresh(), openById(id) }; `tell(text, fault)` says how it goes.
  drafts.panel = function (tell) {
    const name = el("input", { type: "text", maxlength: 200, autocomplete: "off", "data-placeholder": "change_draft_name", "data-label": "change_draft_name",
      placeholder: gridsight.t("change_draft_name"), "aria-label": gridsight.t("change_draft_name") });
    const listed = el("ul", { class: "change-drafts" });
    const beside = el("div", { class: "change-beside", role: "region", hidden: true });
    /** @type {{ id: string, etag: string, name: string } | null} */
    let open = null; // the draft that the list came from
    let known = [];
    /** @type {{ name: string, answer: any } | null} */
    let compared = null; // what stands beside the list: a draft's figures
    const failed = (answer) => tell(desk.faultOf(answer, "change_draft_failed").text, desk.faultOf(answer, "change_draft_failed"));

    async function save() {
      const title = name.value.trim();
      if (!title) {
        name.focus();
        tell(gridsight.t("change_draft_name"));
        return;
      }
      // What was outdated in the draft that these changes come from is so under another name too; of the others the
      // service learns what they were made on, as somebody may have changed that since.
      const outdated = Array.from(changes.outdated).filter((id) => changes.find(id));
      const body = { name: title, run: gridsight.model.run.id, changes: changes.body(), outdated, seen: seen() };
      const again = open && open.name === title ? open : null;
      const answer = again ? await desk.send("PUT", path(again.id), body, { "If-Match": again.etag }) : await desk.send("POST", path(), body);
      if (answer.status === 412) {
        open = null;
        tell(gridsight.t("change_draft_stale", { name: title }));
        return;
      }
      if (!answer.ok) {
        failed(answer);
        return;
      }
      open = { id: answer.data.id, etag: answer.etag, name: answer.data.name };
      tell(gridsight.t("change_draft_saved", { name: answer.data.name }));
      await refresh();
    }

    function seen() {
      const known = gridsight.state.edits.list.filter((one) => one.kind !== "outage" && !changes.outdated.has(one.id) && changes.known.has(one.id));
      return known.reduce((all, one) => Object.assign(all, { [one.id]: changes.known.get(one.id).etag }), {});
    }

    async function read(id) {
      const answer = await desk.send("GET", path(id));
      if (!answer.ok) failed(answer);
      return answer.ok ? answer : null;
    }

    async function openById(id) {
      if (gridsight.state.edits.list.length) {
        tell(gridsight.t("change_draft_first"));
        return;
      }
      const answer = await read(id);
      if (!answer) return;
      const draft = answer.data;
      const list = changes.listOf(draft.changes);
      await readCameras(list.filter((one) => one.kind === "changed" || one.kind === "removed").map((one) => one.id));
      open = { id, etag: answer.etag, name: draft.name };
      name.value = draft.name;
      changes.outdated = new Set(draft.outdated);
      changes.begin(list);
      const first = list.find((one) => one.kind !== "outage");
      gridsight.update({ editing: first ? first.id : null });
      const outdated = draft.outdated.length ? " " + gridsight.t("change_draft_outdated", { ids: draft.outdated.join(gridsight.t("comma")) }) : "";
      tell(gridsight.t("change_draft_opened", { name: draft.name }) + outdated);
    }

    async function compare(id) {
      const draft = await read(id);
      const answer = draft && (await gridsight.trial.request(draft.data.changes));
      if (!answer) return;
      if (!answer.ok) {
        failed(answer);
        return;
      }
      compared = { name: draft.data.name, answer: answer.data };
      tell(showCompared() + gridsight.t("colon") + gridsight.sentenceOf(answer.data));
    }

    // The figures of a draft in the language of the moment; gives their title.
    function showCompared() {
      beside.hidden = !compared;
      if (!compared) return "";
      const title = gridsight.t("change_draft_compared", { name: compared.name });
      const close = () => {
        compared = null;
        showCompared();
      };
      beside.setAttribute("aria-label", title);
      gridsight.empty(beside).append(el("h3", {}, title), gridsight.figuresOf(compared.answer), desk.button("close", close));
      return title;
    }

    async function copy(id) {
      try {
        await navigator.clipboard.writeText(linkTo(id));
        tell(gridsight.t("copied"));
      } catch (refused) {
        window.prompt(gridsight.t("change_draft_link_is"), linkTo(id));
      }
    }

    async function remove(id) {
      const found = await read(id);
      const answer = found && (await desk.send("DELETE", path(id), undefined, { "If-Match": found.etag }));
      if (answer && !answer.ok) failed(answer);
      if (open && open.id === id) open = null;
      await refresh();
    }

    // Asks first: the second press deletes; whoever looks elsewhere has not agreed.
    function removal(draft) {
      let isAsked = false;
      const button = desk.smallButton("change_draft_delete", "", () => (isAsked ? remove(draft.id) : ask(true)));
      function ask(on) {
        isAsked = on;
        const word = gridsight.t(on ? "change_draft_delete_sure" : "change_draft_delete");
        button.textContent = word;
        button.title = word + gridsight.t("colon") + draft.name;
        button.setAttribute("aria-label", button.title);
      }
      button.addEventListener("blur", () => ask(false));
      ask(false);
      return button;
    }

    function row(draft) {
      const about = gridsight.t("change_draft_about", { n: draft.count, author: draft.changed_by || draft.author, date: gridsight.minuteOf(draft.changed).slice(0, 10) });
      const press = (word, work) => desk.smallButton(word, gridsight.t(word) + gridsight.t("colon") + draft.name, () => work(draft.id));
      return el("li", {}, [
        el("div", {}, [el("strong", {}, draft.name), " ", el("small", {}, about)]),
        el("div", { class: "change-row" }, [
          press("change_draft_open", openById), press("change_draft_compare", compare), press("change_draft_link", copy), removal(draft),
        ]),
      ]);
    }

    const show = () => gridsight.empty(listed).append(...(known.length ? known.map(row) : [el("li", { class: "change-note" }, gridsight.t("change_draft_none"))]));

    async function refresh() {
      const answer = await desk.send("GET", path());
      if (answer.ok) known = answer.data.drafts;
      show();
    }

    const button = desk.button("change_save_draft", save);
    gridsight.watch("edits", (edits) => {
      button.disabled = !edits.list.length;
      if (!edits.list.length) open = null;
    });
    gridsight.watch("lang", () => {
      show();
      showCompared();
    });
    button.disabled = true;
    const element = el("section", {}, [desk.heading("change_drafts"), el("div", { class: "change-row" }, [name, button]), listed, beside]);
    return { element, refresh, openById };
  };
})();
