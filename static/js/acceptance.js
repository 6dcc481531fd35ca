// Several annual plans accepted at once: the question names them, each with its communities, what it lacks and why.
(function () {
  "use strict";

  const button = document.querySelector("[data-plans-submit]");
  if (!button) return;
  const boxes = [...document.querySelectorAll("[data-plan-named]")];

  function refresh() {
    const names = boxes.filter((box) => box.checked).map((box) => box.dataset.planNamed);
    button.disabled = names.length === 0;
    button.textContent = names.length ? "批量同意 " + names.length + " 份" : "批量同意";
    button.dataset.confirm =
      "同意以下 " + names.length + " 份 " + button.dataset.year + " 年计划：\n" + names.join("\n") + "\n以后的改动须说明理由。";
  }

  boxes.forEach((box) => box.addEventListener("change", refresh));
  refresh();
})();
