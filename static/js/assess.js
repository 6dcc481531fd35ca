// Filling in criteria: ticks and points go together, 以上均无 and 不适用 clear the others, the section in view is marked.
(function () {
  "use strict";

  function inputsOf(form) {
    return [...form.querySelectorAll("[data-rules] input, [data-rules] select")];
  }

  function clear(input) {
    if (input.type === "checkbox") input.checked = false;
    else if (input.value !== "0") input.value = "";
  }

  // Before htmx collects the form, which it does when the change has bubbled up to it.
  document.addEventListener(
    "change",
    function (event) {
      const input = event.target;
      const form = input.closest("form[data-criterion]");
      if (!form || !input.closest("[data-rules]")) return;
      takeBackNone(form);
      const rule = input.closest("[data-rule]");
      const box = rule && rule.querySelector("input[type=checkbox]");
      const select = rule && rule.querySelector("select");
      if (box && select && input === box) select.value = box.checked ? select.options[1].value : "";
      if (box && select && input === select) box.checked = select.value !== "";
      const none = form.querySelector("[data-not-applicable]");
      if (!none) return;
      if (input !== none) none.checked = false;
      else if (none.checked) inputsOf(form).filter((one) => one !== none).forEach(clear);
    },
    true
  );

  // 以上均无 stays part of the form until it is saved: what could not be sent is sent again without the button.
  function sayNone(form) {
    takeBackNone(form);
    const said = document.createElement("input");
    said.type = "hidden";
    said.name = "none";
    said.value = "1";
    said.dataset.saidNone = "";
    form.append(said);
  }

  function takeBackNone(form) {
    form.querySelectorAll("[data-said-none]").forEach((one) => one.remove());
  }

  window.sayNone = sayNone;

  document.addEventListener(
    "click",
    function (event) {
      const button = event.target.closest("[data-none]");
      if (!button) return;
      inputsOf(button.form).forEach(clear);
      sayNone(button.form);
      button.form.dispatchEvent(new Event("input", { bubbles: true }));
    },
    true
  );

  document.addEventListener("htmx:afterRequest", function (event) {
    const form = event.detail.elt.closest("form[data-criterion]");
    if (form && event.detail.successful) takeBackNone(form);
  });

  // What colleagues changed: the page tells which versions it shows, and takes over only what is not being changed here.
  function numberOf(form) {
    return form.closest("article").id.slice(1);
  }

  document.addEventListener("htmx:configRequest", function (event) {
    const forms = [...document.querySelectorAll("form[data-criterion]")];
    if (event.detail.elt.matches("[data-news]")) {
      const seen = forms.map((form) => numberOf(form) + ":" + form.querySelector("input[name=seen]").value);
      event.detail.parameters.seen = seen.join(",");
    } else if (event.detail.elt.matches("[data-news-cards]")) {
      const busy = new Set(forms.filter((form) => "unsaved" in form.dataset).map(numberOf));
      const changed = event.detail.elt.dataset.newsCards.split(",");
      event.detail.parameters.numbers = changed.filter((number) => !busy.has(number)).join(",");
    }
  });

  // Asked again in half a minute: that once nobody answered is no news.
  const news = document.querySelector("[data-news]");
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    if (news)
      news.addEventListener(name, function (event) {
        if (event.target === news) event.stopPropagation();
      });
  });

  // An input is marked as wrong while its rule has an error beneath it.
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("form[data-criterion] [aria-describedby]").forEach(function (input) {
      const error = document.getElementById(input.getAttribute("aria-describedby").split(" ")[0]);
      if (error && error.textContent.trim()) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    });
  });

  const links = new Map(
    [...document.querySelectorAll("[data-sections] a")].map((link) => [link.hash.slice(1), link])
  );

  function mark(id) {
    links.forEach(function (link, target) {
      if (target !== id) {
        link.removeAttribute("aria-current");
      } else if (!link.hasAttribute("aria-current")) {
        link.setAttribute("aria-current", "true");
        // On a phone the sections stand in a row that scrolls sideways.
        link.parentElement.scrollLeft = link.offsetLeft - 12;
      }
    });
  }

  // Of what is not shown (只看退回的) nothing has a height.
  const sections = [...document.querySelectorAll("[data-section]")].filter((one) => one.offsetHeight);

  function follow() {
    const above = sections.filter((one) => one.getBoundingClientRect().top < window.innerHeight / 3);
    const current = above[above.length - 1] || sections[0];
    if (current) mark(current.id);
  }

  let waiting = false;
  window.addEventListener(
    "scroll",
    function () {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(function () {
        waiting = false;
        follow();
      });
    },
    { passive: true }
  );
  follow();
})();
