// The review: "d" leads to the first input of one's own verdict. On phones the criterion stands under the list: bring it into
// view when another one was chosen.
(function () {
  "use strict";

  // Which input is the first depends on the criterion; shortcuts.js does the rest.
  function markVerdict() {
    const form = document.getElementById("verdict");
    const first = form && form.querySelector("input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea");
    if (first) first.dataset.shortcut = "d";
  }

  function showCriterion() {
    if (!window.matchMedia("(max-width: 767.98px)").matches) return;
    const detail = document.getElementById("detail");
    if (detail) detail.scrollIntoView();
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "review") return;
    markVerdict();
    showCriterion();
  });
  markVerdict();
  if (new URLSearchParams(window.location.search).has("c")) showCriterion();
})();
