// The session beneath the page. It ends on the server after a rest; the page and what was typed into it stay, and go on once
// the same person has signed in again in another window. Nothing is sent in between, nor for another person.
(function () {
  "use strict";

  const root = document.querySelector("[data-session]");
  if (!root) return;

  const user = Number(root.dataset.user);
  const warning = document.querySelector("[data-session-warning]");
  const ended = document.querySelector("[data-session-ended]");
  const WARN_MS = 120000;
  const KEEP_MS = 300000;
  const idleMs = Number(root.dataset.left) * 1000;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;

  let deadline = Date.now() + idleMs; // as the server said last
  let heard = Date.now(); // when it said so
  let isOver = false;
  let asking = false;

  // Tells the other windows of this browser who is signed in now.
  if (channel) channel.postMessage({ user: user });

  // Signing out takes along what drafts.js kept of this person: others may sit here next.
  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented || !/\/logout\/$/.test(event.target.action)) return;
    try {
      Object.keys(window.localStorage)
        .filter((key) => key.startsWith("draft:" + user + ":"))
        .forEach((key) => window.localStorage.removeItem(key));
    } catch {
      // No storage, nothing kept.
    }
  });

  // The rest is for pages that one works on; signing in again and signing out have no dialogs.
  if (!warning || !ended) return;

  if (channel) {
    channel.onmessage = function () {
      if (isOver) check();
      else learn(false);
    };
  }

  function ask(isWorking) {
    const options = { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" };
    if (isWorking) {
      options.method = "POST";
      options.headers["X-CSRFToken"] = token();
    }
    return window.fetch(root.dataset.state, options).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
  }

  function token() {
    const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
    return cookie ? cookie[1] : "";
  }

  // Learn how the session stands; with isWorking it is prolonged. Resolves to whether it is still this person's.
  function learn(isWorking) {
    return ask(isWorking).then(function (state) {
      if (state.user !== user) {
        stop(state);
        return false;
      }
      deadline = Date.now() + state.left * 1000;
      heard = Date.now();
      if (isOver) goOn(state);
      return true;
    });
  }

  function stop(state) {
    isOver = true;
    if (warning.open) warning.close();
    const other = Boolean(state && state.user);
    ended.querySelectorAll("[data-session-text]").forEach(function (text) {
      text.hidden = (text.dataset.sessionText === "other") !== other;
    });
    ended.querySelector("[data-session-other]").textContent = other ? "（" + state.name + "）" : "";
    const link = ended.querySelector("[data-session-link]");
    link.textContent = other ? "在新窗口换回原账号" : "在新窗口登录";
    if (!link.dataset.signIn) link.dataset.signIn = link.getAttribute("href");
    link.setAttribute("href", other ? new URL(link.dataset.signIn, location).searchParams.get("next") : link.dataset.signIn);
    if (!ended.open) ended.showModal();
  }

  function goOn(state) {
    isOver = false;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (input) {
      input.value = state.csrf;
    });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": state.csrf }));
    note("");
    ended.close();
    window.dispatchEvent(new Event("session-resumed"));
  }

  function note(text) {
    ended.querySelector("[data-session-note]").textContent = text;
  }

  function check() {
    return learn(false).catch(function () {
      note("网络中断，没有连上系统，请稍后再试。");
    });
  }

  function words(ms) {
    const seconds = Math.max(0, Math.round(ms / 1000));
    return seconds >= 60 ? Math.floor(seconds / 60) + " 分 " + (seconds % 60) + " 秒" : seconds + " 秒";
  }

  function warn() {
    const left = deadline - Date.now();
    warning.querySelector("[data-session-left]").textContent = words(left);
    if (warning.open) return;
    const rest = Math.max(1, Math.round((idleMs - left) / 60000));
    warning.querySelector("[data-session-idle]").textContent = rest + " 分钟";
    warning.showModal();
  }

  // Every second, and at once when the window comes to the front: timers sleep with the machine.
  function tick() {
    if (isOver || Date.now() < deadline - WARN_MS) return;
    if (warning.open && Date.now() < deadline) {
      warn();
      return;
    }
    if (asking) return;
    asking = true;
    learn(false)
      .then(function (isOurs) {
        if (!isOurs) return;
        if (deadline - Date.now() <= WARN_MS) warn();
        else if (warning.open) warning.close();
      })
      .catch(function () {})
      .finally(function () {
        asking = false;
      });
  }

  window.setInterval(tick, 1000);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "visible") return;
    if (isOver) check();
    else tick();
  });
  window.addEventListener("focus", function () {
    if (isOver) check();
  });

  // Whoever types without sending anything is at work as well.
  function busy() {
    if (isOver || warning.open || Date.now() - heard < Math.min(KEEP_MS, idleMs / 6)) return;
    heard = Date.now();
    learn(true).catch(function () {});
  }
  document.addEventListener("input", busy, true);
  document.addEventListener("keydown", busy, true);
  document.addEventListener("pointerdown", busy, true);

  warning.querySelector("[data-session-continue]").addEventListener("click", function () {
    learn(true)
      .then(function (isOurs) {
        if (isOurs) warning.close();
      })
      .catch(function () {});
  });
  ended.querySelector("[data-session-check]").addEventListener("click", function () {
    check().then(function (isOurs) {
      if (isOurs === false) note("还没有登录，请先在新窗口登录。");
    });
  });
  // Neither Escape nor anything else puts it away before somebody has signed in.
  ended.addEventListener("cancel", function (event) {
    event.preventDefault();
  });
  ended.addEventListener("close", function () {
    if (isOver) ended.showModal();
  });

  // A form that would leave the page is sent only into a session of this person; what is held back waits for another press.
  // The server is asked every time: the session may have been ended from elsewhere a moment ago.
  const checked = new WeakSet();
  const waiting = new WeakSet();
  document.addEventListener(
    "submit",
    function (event) {
      const form = event.target;
      if (form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
      if (checked.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (waiting.has(form)) return; // pressed twice
      waiting.add(form);
      const submitter = event.submitter;
      learn(true)
        .then(function (isOurs) {
          if (!isOurs) return;
          checked.add(form);
          form.requestSubmit(submitter || undefined);
          checked.delete(form);
        })
        .catch(function () {
          const live = document.querySelector("[data-live-message]");
          live.textContent = "网络中断，没有提交，请稍后再试。";
          live.hidden = false;
        })
        .finally(function () {
          waiting.delete(form);
        });
    },
    true
  );

  document.addEventListener("htmx:configRequest", function (event) {
    const from = event.detail.triggeringEvent;
    event.detail.headers["X-Page-User"] = String(user);
    if (!from || from.type === "hx:poll:trigger" || from.type === "autosave-retry") event.detail.headers["X-Background"] = "1";
    if (!isOver) return;
    event.preventDefault();
    event.target.dispatchEvent(new CustomEvent("session-held", { bubbles: true }));
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    const request = event.detail.requestConfig;
    if (!event.detail.successful || isOver || request.headers["X-Background"]) return;
    heard = Date.now();
    deadline = heard + idleMs;
  });

  // The server's answer to htmx when nobody, or somebody else, is signed in.
  document.addEventListener("session-ended", function () {
    stop(null);
  });
  document.addEventListener("session-changed", check);
})();
