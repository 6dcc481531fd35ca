// 年度计划: whole streets at once, pilots that bring their community along, what is still missing, finding without losing ticks.
(function () {
  "use strict";

  const plan = document.querySelector("[data-plan]");
  const filters = document.querySelector("[data-plan-filters]");
  if (!plan) return;

  function boxes(place, name) {
    return [...place.querySelectorAll('input[name="' + name + '"]')];
  }

  function checked(name) {
    return boxes(plan, name).filter((box) => box.checked).length;
  }

  function inSight(box) {
    return !box.closest("li").hidden;
  }

  function markStreets() {
    plan.querySelectorAll("[data-street-all]").forEach(function (all) {
      const free = boxes(all.closest("[data-street]"), "community").filter(inSight);
      const ticked = free.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === free.length;
      all.indeterminate = ticked > 0 && !all.checked;
      all.disabled = free.length === 0;
    });
  }

  function say() {
    const sum = document.getElementById("plan-sum");
    const button = plan.querySelector("[data-plan-submit]");
    if (!sum || !button) return;
    const chosen = checked("community");
    const pilots = checked("pilot");
    sum.querySelector('[data-checked-count="community"]').textContent = String(chosen);
    sum.querySelector('[data-checked-count="pilot"]').textContent = String(pilots);
    const missing = sum.querySelector("[data-plan-missing]");
    if (missing) {
      const left = Math.max(0, Number(sum.dataset.wanted) - Number(sum.dataset.enrolled) - chosen);
      missing.textContent = String(left);
      missing.classList.toggle("text-danger", left > 0);
      missing.classList.toggle("text-success", left === 0);
    }
    button.disabled = chosen === 0;
    button.dataset.confirm =
      "将勾选的 " + chosen + " 个社区列入 " + sum.dataset.year + " 年计划" + (pilots ? "，其中试点 " + pilots + " 个" : "") + "？";
  }

  function refresh() {
    markStreets();
    say();
  }

  plan.addEventListener("change", function (event) {
    const box = event.target;
    if ("streetAll" in box.dataset) {
      boxes(box.closest("[data-street]"), "community")
        .filter(inSight)
        .forEach(function (one) {
          one.checked = box.checked;
          if (!one.checked) pair(one).checked = false;
        });
    } else if (box.name === "pilot" && box.checked) {
      pair(box).checked = true;
    } else if (box.name === "community" && !box.checked) {
      pair(box).checked = false;
    }
    refresh();
  });

  function pair(box) {
    return box.closest("li").querySelector('input[name="' + (box.name === "pilot" ? "community" : "pilot") + '"]');
  }

  function wish(name) {
    const control = filters.querySelector('[data-plan-filter="' + name + '"]');
    return control ? control.value.trim() : "";
  }

  function filter() {
    const street = wish("street");
    const text = wish("text");
    const show = wish("show");
    let found = 0;
    plan.querySelectorAll("[data-street]").forEach(function (section) {
      const here = !street || section.dataset.street === street;
      let shown = 0;
      section.querySelectorAll("[data-choice]").forEach(function (line) {
        const named = !text || line.dataset.name.includes(text);
        const staying = !show || line.dataset.choice.split(" ").includes(show);
        line.hidden = !(here && named && staying);
        if (!line.hidden) shown += 1;
      });
      section.hidden = shown === 0;
      found += shown;
    });
    document.querySelector("[data-plan-none]").hidden = found > 0;
    refresh();
  }

  if (filters) {
    filters.addEventListener("input", filter);
    filters.addEventListener("submit", function (event) {
      event.preventDefault();
      filter();
    });
  }

  // A change of an accepted plan asks for its reason before anything else.
  plan.addEventListener(
    "click",
    function (event) {
      const reason = plan.querySelector("#plan-why [required]");
      if (!event.target.closest("[hx-post]") || !reason || reason.reportValidity()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true
  );

  // A change that was refused for want of its reason: on to the field that says so.
  function findRefusal() {
    const field = document.querySelector('#plan-why [aria-invalid="true"]');
    if (field) field.focus();
    refresh();
  }

  document.addEventListener("htmx:afterSettle", findRefusal);
  refresh();
})();
