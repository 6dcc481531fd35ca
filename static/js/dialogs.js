// Native dialogs: opened and closed by data attributes, and the one that asks before a step (data-confirm, hx-confirm).
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const menu = opener.closest("details[open]");
      if (menu) menu.open = false;
      document.getElementById(opener.dataset.dialogOpen).showModal();
      return;
    }
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
  });

  // A decision that was refused comes back with its dialog open.
  document.querySelectorAll("dialog[data-dialog-now]").forEach(function (dialog) {
    dialog.showModal();
  });

  function ask(message, wishes) {
    const dialog = document.querySelector("[data-confirm-dialog]");
    const ok = dialog.querySelector("[data-confirm-ok]");
    const cancel = dialog.querySelector("[data-confirm-cancel]");
    dialog.querySelector("[data-confirm-heading]").textContent = wishes.confirmTitle || "请确认";
    dialog.querySelector("[data-confirm-message]").textContent = message;
    ok.textContent = wishes.confirmAction || "确定";
    ok.classList.toggle("btn-danger", wishes.confirmTone === "danger");
    ok.classList.toggle("btn-primary", wishes.confirmTone !== "danger");
    return new Promise(function (resolve) {
      let agreed = false;
      ok.onclick = function () {
        agreed = true;
        dialog.close();
      };
      cancel.onclick = function () {
        dialog.close();
      };
      dialog.onclose = function () {
        resolve(agreed);
      };
      dialog.showModal();
      cancel.focus();
    });
  }

  const agreedForms = new WeakSet();

  document.addEventListener(
    "submit",
    function (event) {
      const form = event.target;
      const submitter = event.submitter;
      const source = submitter && submitter.dataset.confirm ? submitter : form;
      if (!source.dataset.confirm || agreedForms.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(source.dataset.confirm, source.dataset).then(function (agreed) {
        if (!agreed) return;
        agreedForms.add(form);
        form.requestSubmit(submitter || undefined);
      });
    },
    true
  );

  document.addEventListener("htmx:confirm", function (event) {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt.dataset).then(function (agreed) {
      if (agreed) event.detail.issueRequest(true);
    });
  });
})();
