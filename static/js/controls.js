// Small controls: steppers, upload zones, counts of ticked boxes, forms that send themselves, print, back, fill in.
(function () {
  "use strict";

  document.documentElement.classList.add("has-js");

  function changed(input) {
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function step(button) {
    const input = button.closest("[data-stepper]").querySelector("input");
    const lowest = input.min === "" ? -Infinity : Number(input.min);
    const highest = input.max === "" ? Infinity : Number(input.max);
    const next = Math.min(highest, Math.max(lowest, (Number(input.value) || 0) + Number(button.dataset.step)));
    if (String(next) === input.value) return;
    input.value = String(next);
    changed(input);
  }

  function fill(selector, value) {
    const input = document.querySelector(selector);
    if (!input) return;
    input.value = value;
    changed(input);
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-step], [data-print], [data-back], [data-fill]");
    if (!button) return;
    if (button.dataset.step) step(button);
    if ("print" in button.dataset) window.print();
    if ("back" in button.dataset) window.history.back();
    if (button.dataset.fill) {
      fill(button.dataset.fill, button.dataset.value);
      if (button.dataset.fillAlso) fill(button.dataset.fillAlso, button.dataset.alsoValue);
    }
  });

  document.addEventListener("change", function (event) {
    const input = event.target;
    const form = input.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
    if (input.dataset.checkAll) {
      choosable(input.dataset.checkAll).forEach(function (box) {
        box.checked = input.checked;
      });
    }
    if (input.type === "checkbox") count();
  });

  function boxes(name) {
    return [...document.querySelectorAll('input[type="checkbox"][name="' + CSS.escape(name) + '"]')];
  }

  function choosable(name) {
    return boxes(name).filter((box) => !box.disabled);
  }

  // How many boxes of a name are ticked; what needs one waits for it, and the box for all of them shows whether they are.
  function count() {
    document.querySelectorAll("[data-check-all]").forEach(function (all) {
      const offered = choosable(all.dataset.checkAll);
      const checked = offered.filter((box) => box.checked).length;
      all.checked = checked > 0 && checked === offered.length;
      all.indeterminate = checked > 0 && !all.checked;
    });
    document.querySelectorAll("[data-needs-checked]").forEach(function (button) {
      button.disabled = !boxes(button.dataset.needsChecked).some((box) => box.checked);
    });
    document.querySelectorAll("[data-checked-count]").forEach(function (place) {
      place.textContent = String(boxes(place.dataset.checkedCount).filter((box) => box.checked).length);
    });
  }

  function zone(event) {
    return event.target.closest ? event.target.closest("[data-upload-zone]") : null;
  }

  document.addEventListener("dragover", function (event) {
    const place = zone(event);
    if (!place) return;
    event.preventDefault();
    place.classList.add("is-over");
  });
  document.addEventListener("dragleave", function (event) {
    const place = zone(event);
    if (place) place.classList.remove("is-over");
  });
  document.addEventListener("drop", function (event) {
    const place = zone(event);
    if (!place) return;
    event.preventDefault();
    place.classList.remove("is-over");
    const input = place.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    changed(input);
  });

  // A file that is too large is refused before it is sent over a slow line; the others go.
  document.addEventListener(
    "change",
    function (event) {
      const input = event.target;
      // static/js/evidence.js sends the files of these one by one.
      if (input.type !== "file" || !input.dataset.maxMb || input.closest("[data-upload-each]")) return;
      const limit = Number(input.dataset.maxMb);
      const files = [...input.files];
      const tooLarge = files.filter((file) => file.size > limit * 1024 * 1024);
      const names = tooLarge.map((file) => "“" + file.name + "”").join("、");
      const place = input.closest("[data-upload-zone]").parentElement.querySelector("[data-upload-error]");
      if (place) {
        place.hidden = !tooLarge.length;
        place.textContent = tooLarge.length ? names + "超过 " + limit + " MB，没有上传，请压缩或另选。" : "";
      }
      if (!tooLarge.length) return;
      if (tooLarge.length === files.length) {
        event.stopImmediatePropagation();
        input.value = "";
        return;
      }
      const rest = new DataTransfer();
      files.filter((file) => !tooLarge.includes(file)).forEach((file) => rest.items.add(file));
      input.files = rest.files;
    },
    true
  );

  document.addEventListener("htmx:afterSwap", count);
  count();

  // What was refused is told first, above the form; the keyboard goes on from there.
  const refused = document.querySelector("[data-takes-focus]");
  if (refused) refused.focus();
})();
