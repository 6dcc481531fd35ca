// The frame of every page: menus, navigation on phones, htmx's CSRF token and what it says when a request fails.
(function () {
  "use strict";

  const navToggle = document.querySelector("[data-nav-toggle]");

  function showNavigation(open) {
    document.body.classList.toggle("nav-open", open);
    navToggle.setAttribute("aria-expanded", String(open));
  }

  document.addEventListener("click", function (event) {
    if (navToggle && event.target.closest("[data-nav-toggle]")) {
      showNavigation(navToggle.getAttribute("aria-expanded") !== "true");
    } else if (navToggle && event.target.closest("[data-nav-close]")) {
      showNavigation(false);
    }
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    if (document.body.classList.contains("nav-open")) {
      showNavigation(false);
      navToggle.focus();
    }
  });

  // The token of the cookie is the newest one: signing in again in another window changes it.
  document.addEventListener("htmx:configRequest", function (event) {
    const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
    if (cookie) event.detail.headers["X-CSRFToken"] = cookie[1];
  });

  const live = document.querySelector("[data-live-message]");

  function tell(text) {
    if (!live) return;
    live.textContent = text;
    live.hidden = !text;
  }

  // The server's own words about a step it could not do (components/problem.html), or null.
  window.problemOf = function (xhr) {
    if (!xhr || xhr.responseText.indexOf("data-problem") < 0) return null;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const place = page.querySelector("[data-problem]");
    return place ? place.textContent.trim() : null;
  };

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.isError && window.problemOf(event.detail.xhr)) event.detail.shouldSwap = false;
  });

  function failed(event) {
    if (event.detail.elt.closest("[data-autosave]")) return;
    const problem = window.problemOf(event.detail.xhr);
    if (problem) {
      tell(problem);
      return;
    }
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (status === 409 || status === 422) return;
    const texts = {
      0: "网络中断，操作没有完成，请稍后再试。",
      403: "没有权限，或登录已过期，请刷新页面。",
      404: "内容已不存在，或不在您当前身份的辖区内，请刷新页面。",
    };
    tell(texts[status] || "系统出错，操作没有完成，请稍后再试。");
  }

  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:timeout", failed);
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:beforeRequest", function () {
    tell("");
  });
})();
