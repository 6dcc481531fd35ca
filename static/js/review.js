// On phones the criterion stands under the list: bring it into view when another one was chosen.
(function () {
  "use strict";

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "review") return;
    if (!window.matchMedia("(max-width: 767.98px)").matches) return;
    const detail = document.getElementById("detail");
    if (detail) detail.scrollIntoView();
  });
})();
