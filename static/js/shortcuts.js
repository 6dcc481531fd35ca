// Single-key shortcuts: "/" to the search box, "?" to their list, data-shortcut on links and buttons. They can be switched off.
(function () {
  "use strict";

  const STORED = "single-keys";

  function enabled() {
    return window.localStorage.getItem(STORED) !== "off";
  }

  const toggle = document.querySelector("[data-single-keys]");
  if (toggle) {
    toggle.checked = enabled();
    toggle.addEventListener("change", function () {
      window.localStorage.setItem(STORED, toggle.checked ? "on" : "off");
    });
  }

  document.addEventListener("keydown", function (event) {
    if (!enabled() || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const target =
      key === "/"
        ? document.querySelector("[data-search]")
        : key === "?"
          ? document.getElementById("shortcuts")
          : document.querySelector('[data-shortcut="' + CSS.escape(key) + '"]');
    if (!target) return;
    event.preventDefault();
    if (target.matches("dialog")) target.showModal();
    else if (target.matches("input, textarea, select")) target.focus();
    else target.click();
  });
})();
