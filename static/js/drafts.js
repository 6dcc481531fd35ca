// What was entered on a criterion and is not saved yet is kept in this browser, over a reload or a closed tab, for this person
// alone; on the next visit it is put back and sent again, with the version that it was entered on, so that it overwrites nobody.
(function () {
  "use strict";

  const page = document.querySelector("[data-session]");
  const sheet = document.querySelector("[data-drafts]");
  if (!page || !sheet) return;

  const prefix = "draft:" + page.dataset.user + ":" + sheet.dataset.drafts + ":";
  const KEPT_MS = 14 * 24 * 3600 * 1000;

  function storage(act) {
    try {
      return act(window.localStorage);
    } catch {
      return null; // full, or forbidden
    }
  }

  function keyOf(form) {
    return prefix + form.closest("article").id.slice(1);
  }

  function seenOf(form) {
    return form.querySelector("input[name=seen]");
  }

  function entered(form) {
    return [...new FormData(form)].filter((pair) => pair[0] !== "csrfmiddlewaretoken" && pair[0] !== "seen");
  }

  function keep(form) {
    const draft = { at: Date.now(), seen: seenOf(form).value, fields: entered(form) };
    storage((store) => store.setItem(keyOf(form), JSON.stringify(draft)));
  }

  function forget(form) {
    storage((store) => store.removeItem(keyOf(form)));
    say(form, "");
  }

  function say(form, text) {
    const note = form.querySelector("[data-draft-note]");
    note.textContent = text;
    note.hidden = !text;
  }

  function read(form) {
    const text = storage((store) => store.getItem(keyOf(form)));
    if (!text) return null;
    try {
      const draft = JSON.parse(text);
      return Array.isArray(draft.fields) && Date.now() - draft.at < KEPT_MS ? draft : null;
    } catch {
      return null;
    }
  }

  // After assess.js has put together what belongs together.
  function later(event) {
    const form = event.target.closest("form[data-criterion]");
    if (form) window.setTimeout(() => form.isConnected && "unsaved" in form.dataset && keep(form), 0);
  }
  document.addEventListener("input", later);
  document.addEventListener("change", later);

  document.addEventListener("htmx:afterRequest", function (event) {
    const element = event.detail.elt;
    const form = element.closest("form[data-criterion]");
    if (!form || !event.detail.successful) return;
    // Its own answer with nothing entered since (autosave.js knows), or the card as it is stored instead (采用现在的结果).
    if (element !== form || !("unsaved" in form.dataset)) forget(form);
    else window.setTimeout(() => form.isConnected && keep(form), 100);
  });

  function putBack(form, draft) {
    const values = new Map();
    draft.fields.forEach((pair) => values.set(pair[0], pair[1]));
    [...form.elements].forEach(function (input) {
      if (!input.name || input.type === "hidden" || input.type === "submit" || input.type === "button") return;
      if (input.type === "checkbox") input.checked = values.has(input.name);
      else if (input.type === "radio") input.checked = values.get(input.name) === input.value;
      else if (values.has(input.name)) input.value = values.get(input.name);
    });
    if (values.has("none")) window.sayNone(form);
    const note = form.querySelector(".criterion-note");
    if (note && values.get("note")) note.open = true;
    seenOf(form).value = draft.seen;
  }

  function restore() {
    document.querySelectorAll("form[data-criterion]").forEach(function (form) {
      const draft = read(form);
      if (!draft || JSON.stringify(draft.fields) === JSON.stringify(entered(form))) {
        forget(form);
        return;
      }
      putBack(form, draft);
      say(form, "未提交的修改已恢复");
      form.dispatchEvent(new Event("input", { bubbles: true }));
      window.htmx.trigger(form, "autosave-retry");
    });
  }

  // Once htmx knows the forms.
  if (document.readyState === "complete") restore();
  else window.addEventListener("load", restore);
})();
