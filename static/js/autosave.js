// Forms that save as one goes (form[data-autosave], sent by htmx) and say so; what could not be sent is sent again.
(function () {
  "use strict";

  const RETRY_MS = 10000;
  const TIMEOUT_MS = 20000;
  const SIGNED_OUT = "未保存：登录已过期，请在新窗口登录，随后将自动保存";
  const changes = new Map(); // form -> number of changes not yet kept by the server
  const sent = new Map(); // form -> number of changes in the request under way
  const unsent = new Set(); // forms whose last request did not get through
  const underWay = new Set(); // forms whose request has no answer yet
  let next = null; // what was pressed while its form was not saved yet

  function autosaved(event) {
    const element = event.detail.elt;
    return element && element.closest ? element.closest("form[data-autosave]") : null;
  }

  function stateOf(form) {
    return form.querySelector("[data-save-state]");
  }

  function say(form, tone, text) {
    const place = stateOf(form) || document.querySelector("[data-save-state]");
    if (!place || place.textContent === text) return;
    place.textContent = text;
    place.className = "save-state" + (tone ? " is-" + tone : "");
    tellAbove();
  }

  function clock() {
    const now = new Date();
    return String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0");
  }

  // What stands in the page's head follows the forms: a time of saving is no answer while one of them is not saved.
  function tellAbove() {
    const place = document.getElementById("saved-at");
    if (!place) return;
    const waiting = document.querySelectorAll("form[data-autosave] .save-state.is-failed").length;
    if (waiting) {
      if (!("kept" in place.dataset)) place.dataset.kept = place.textContent;
      place.textContent = "有 " + waiting + " 条未保存";
    } else if ("kept" in place.dataset) {
      place.textContent = place.dataset.kept;
      delete place.dataset.kept;
    }
    place.classList.toggle("is-failed", waiting > 0);
  }

  function retry() {
    unsent.forEach(function (form) {
      if (form.isConnected) window.htmx.trigger(form, "autosave-retry");
      else unsent.delete(form);
    });
  }

  function failure(form, xhr) {
    if (xhr.status === 401) return { again: true, text: SIGNED_OUT };
    if (xhr.status === 0) return { again: true, text: "未保存：网络中断，将自动重试" };
    if (xhr.status >= 500 || xhr.status === 429) return { again: true, text: "未保存：系统繁忙，将自动重试" };
    const problem = window.problemOf(xhr);
    if (problem) return { again: false, text: "未保存：" + problem };
    // On a criterion the answer itself says by whom, and what can be done.
    if (xhr.status === 409 && form.matches("[data-criterion]")) return { again: false, text: "未保存" };
    if (xhr.status === 409) return { again: false, text: "未保存：内容已被他人修改，请刷新页面" };
    if (xhr.status === 422) return { again: false, text: "未保存：请改正标红的项" };
    if (xhr.status === 403) return { again: false, text: "未保存：没有权限，或登录已过期，请刷新页面" };
    return { again: false, text: "未保存：请刷新页面后再试" };
  }

  function changed(form) {
    changes.set(form, (changes.get(form) || 0) + 1);
    form.dataset.unsaved = "";
  }

  function kept(form) {
    changes.delete(form);
    delete form.dataset.unsaved;
  }

  document.addEventListener("input", function (event) {
    const form = event.target.closest("form") || event.target.form;
    if (form && form.matches("[data-autosave]")) changed(form);
  });

  document.addEventListener("htmx:configRequest", function (event) {
    const form = autosaved(event);
    if (form && form.enctype !== "multipart/form-data") event.detail.timeout = TIMEOUT_MS;
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    const form = autosaved(event);
    if (!form) return;
    sent.set(form, changes.get(form) || 0);
    underWay.add(form);
    if (!unsent.has(form)) say(form, "", "正在保存…");
  });

  // session.js holds everything back while nobody is signed in.
  document.addEventListener("session-held", function (event) {
    const form = event.target.closest("form[data-autosave]");
    if (!form) return;
    unsent.add(form);
    if (!changes.has(form)) changed(form);
    say(form, "failed", SIGNED_OUT);
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    const form = autosaved(event);
    if (!form) return;
    const xhr = event.detail.xhr;
    underWay.delete(form);
    if (event.detail.successful) {
      unsent.delete(form);
      if ((changes.get(form) || 0) === sent.get(form)) kept(form);
      // A state that forms share says so only when none of them waits.
      if (stateOf(form) || !unsent.size) say(form, "saved", "✓ 已保存 " + clock());
      if (!changes.has(form)) goOn();
      return;
    }
    next = null;
    const outcome = failure(form, xhr);
    if (outcome.again) unsent.add(form);
    else unsent.delete(form);
    if (!changes.has(form)) changed(form);
    say(form, "failed", outcome.text);
  });

  // Links and buttons that lead away from a form (data-after-save="its id") wait until it is saved; what is refused stays.
  document.addEventListener(
    "click",
    function (event) {
      const target = event.target.closest("[data-after-save]");
      const form = target && document.getElementById(target.dataset.afterSave);
      if (!form || !changes.has(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      next = target;
      if (!underWay.has(form) || sent.get(form) !== changes.get(form)) window.htmx.trigger(form, "autosave-retry");
    },
    true
  );

  function goOn() {
    const target = next;
    next = null;
    if (target && target.isConnected) target.click();
  }

  // Ordinary forms that only ask before they are left with changes.
  const touched = new Set();
  document.addEventListener("input", function (event) {
    const form = event.target.form;
    if (form && form.matches("[data-warn-unsaved]")) touched.add(form);
  });
  document.addEventListener("submit", function (event) {
    touched.delete(event.target);
  });

  function isUnsaved(form) {
    return form.isConnected;
  }

  window.addEventListener("online", retry);
  window.addEventListener("session-resumed", retry);
  window.setInterval(retry, RETRY_MS);
  window.addEventListener("beforeunload", function (event) {
    const forms = [...changes.keys(), ...touched];
    if (!forms.some(isUnsaved)) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
