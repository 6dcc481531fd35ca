// Evidence of the self-assessment: files chosen, photographed, dropped on a criterion or pasted are sent one by one, each with its
// progress; what the line or the session held back goes when it is back. Also the dialog that offers files uploaded before.
(function () {
  "use strict";

  const RETRY_MS = 10000;
  // A line that brings nothing for so long is down, whatever the system says.
  const STALLED_MS = 60000;
  const jobs = []; // files that are not attached yet, in order: { file, url, criterion, limit, state, sent, row, xhr, watch }
  let current = null;

  function formOf(criterion) {
    const block = document.getElementById(criterion);
    return block ? block.querySelector("form[data-upload-each]") : null;
  }

  function criterionOf(element) {
    const article = element && element.closest ? element.closest("article.criterion") : null;
    return article && article.querySelector("form[data-upload-each]") ? article : null;
  }

  // What is said about a file stands below the criterion's evidence.
  function build(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function button(text, name, act) {
    const made = build("button", "btn btn-sm btn-link", text);
    made.type = "button";
    made.setAttribute("aria-label", text + " " + name);
    made.addEventListener("click", act);
    return made;
  }

  function rowOf(job) {
    const row = build("li", "upload");
    job.bar = document.createElement("progress");
    job.bar.max = 100;
    job.bar.setAttribute("aria-label", job.file.name);
    job.text = build("span", "upload-text");
    job.text.setAttribute("role", "status");
    job.again = button("重新上传", job.file.name, () => send(job));
    job.drop = button("取消", job.file.name, () => cancel(job));
    row.append(build("span", "upload-name", job.file.name), job.bar, job.text, job.again, job.drop);
    return row;
  }

  const WORDS = {
    queued: () => "等待上传",
    sending: (job) => (job.sent < 100 ? "正在上传 " + job.sent + "%" : "正在检查文件"),
    offline: () => "网络中断，接通后自动上传",
    busy: () => "系统繁忙，稍后自动上传",
    signedOut: () => "登录已过期，请在新窗口登录，随后自动上传",
    refused: (job) => job.said,
    done: (job) => job.said,
  };

  function show(job, state, said) {
    job.state = state;
    if (said) job.said = said;
    const block = document.getElementById(job.criterion);
    const place = block ? block.querySelector("[data-uploads]") : null;
    // The criterion may have been shown anew meanwhile.
    if (place && job.row.parentElement !== place) place.append(job.row);
    const isOver = state === "refused" || state === "done";
    job.bar.hidden = isOver;
    job.bar.value = job.sent;
    const text = WORDS[state](job);
    if (job.text.textContent !== text) job.text.textContent = text;
    job.row.className = "upload is-" + (state === "refused" ? "refused" : isOver ? "done" : "waiting");
    job.again.hidden = !["offline", "busy"].includes(state);
    job.drop.textContent = isOver ? "知道了" : "取消";
    job.drop.setAttribute("aria-label", job.drop.textContent + " " + job.file.name);
  }

  function forget(job) {
    const at = jobs.indexOf(job);
    if (at >= 0) jobs.splice(at, 1);
    if (current === job) current = null;
  }

  function cancel(job) {
    forget(job);
    if (job.xhr) job.xhr.abort();
    window.clearTimeout(job.watch);
    job.row.remove();
    next();
  }

  // Refuse what need not be sent over a slow line to be refused.
  function faultOf(file, limit) {
    if (limit && file.size > limit * 1024 * 1024) {
      return "有 " + (file.size / 1048576).toFixed(1) + " MB，超过 " + limit + " MB，没有上传，请压缩或另选。";
    }
    return file.size ? "" : "是空文件或文件夹，没有上传，请重新选择。";
  }

  function add(article, files) {
    const form = formOf(article.id);
    if (!form) return;
    article.querySelectorAll("[data-upload-said]").forEach((one) => one.remove());
    article.querySelectorAll(".upload.is-done, .upload.is-refused").forEach((one) => one.remove());
    const limit = Number((form.querySelector("[data-max-mb]") || { dataset: {} }).dataset.maxMb) || 0;
    files.forEach(function (file) {
      const job = { file: file, url: form.action, criterion: article.id, state: "", sent: 0, said: "" };
      job.row = rowOf(job);
      const fault = faultOf(file, limit);
      if (fault) return show(job, "refused", fault);
      jobs.push(job);
      show(job, "queued");
    });
    next();
  }

  function next() {
    if (current) return;
    const job = jobs.find((one) => one.state === "queued");
    if (job) send(job);
  }

  function token() {
    const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
    const input = document.querySelector("input[name=csrfmiddlewaretoken]");
    return cookie ? cookie[1] : input ? input.value : "";
  }

  function send(job) {
    if (current) {
      show(job, "queued");
      return;
    }
    current = job;
    job.sent = 0;
    const xhr = (job.xhr = new XMLHttpRequest());
    const body = new FormData();
    body.append("files", job.file, job.file.name);
    xhr.open("POST", job.url);
    xhr.setRequestHeader("HX-Request", "true");
    xhr.setRequestHeader("X-CSRFToken", token());
    xhr.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) job.sent = Math.floor((event.loaded / event.total) * 100);
      watch(job);
      show(job, "sending");
    });
    xhr.addEventListener("load", () => answered(job, xhr));
    xhr.addEventListener("error", () => held(job, "offline"));
    xhr.addEventListener("timeout", () => held(job, "offline"));
    watch(job);
    show(job, "sending");
    xhr.send(body);
  }

  function watch(job) {
    window.clearTimeout(job.watch);
    job.watch = window.setTimeout(function () {
      job.xhr.abort();
      held(job, "offline");
    }, STALLED_MS);
  }

  // Kept in the order of choosing: nothing overtakes what the line holds back.
  function held(job, state) {
    window.clearTimeout(job.watch);
    if (current === job) current = null;
    show(job, state);
  }

  // A file at which the server fails must not keep the others waiting.
  function setAside(job) {
    held(job, "busy");
    jobs.push(jobs.splice(jobs.indexOf(job), 1)[0]);
    next();
  }

  function retry() {
    if (current) return;
    const waiting = jobs.filter((job) => ["offline", "busy", "signedOut"].includes(job.state));
    waiting.forEach((job) => show(job, "queued"));
    next();
  }

  function answered(job, xhr) {
    window.clearTimeout(job.watch);
    if (xhr.status === 401) return held(job, "signedOut");
    if (xhr.status === 429 || xhr.status >= 500) return setAside(job);
    if (xhr.status === 0) return held(job, "offline");
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const said = [...page.querySelectorAll("[data-upload-said]")].map((one) => one.textContent.trim()).join("");
    const isOurs = page.querySelector("[id$='-said']");
    forget(job);
    if (xhr.status === 200 && isOurs) attach(job, page, said);
    else show(job, "refused", said || window.problemOf(xhr) || words(xhr.status));
    next();
  }

  function words(status) {
    if (status === 413) return "文件过大，没有上传，请压缩或另选。";
    if (status === 403) return "没有权限，或登录已过期，没有上传，请刷新页面。";
    return "没有上传，请刷新页面后再试。";
  }

  // The new thumbnails go before the place for further files: what is being typed into the others stays.
  function attach(job, page, said) {
    page.querySelectorAll("[id$='-said']").forEach((one) => one.remove());
    window.htmx.swap("#" + job.criterion + "-add", page.body.innerHTML, { swapStyle: "beforebegin" });
    filled(job.criterion);
    if (said) show(job, "done", said);
    else job.row.remove();
  }

  function filled(criterion) {
    const list = document.querySelector("#" + criterion + " .evidence");
    if (list) list.classList.toggle("is-empty", !list.querySelector(".evidence-item"));
  }

  // Chosen or photographed.
  document.addEventListener(
    "change",
    function (event) {
      const input = event.target;
      const form = input.type === "file" ? input.closest("form[data-upload-each]") : null;
      const article = form && criterionOf(form);
      if (!article || !input.files.length) return;
      event.stopImmediatePropagation();
      const files = [...input.files];
      input.value = "";
      add(article, files);
    },
    true
  );

  // Dropped: on a criterion it is taken, beside one the browser must not leave the page for it.
  function hasFiles(event) {
    return event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  }

  let over = null;
  function mark(article) {
    if (over === article) return;
    if (over) over.classList.remove("is-over");
    if (article) article.classList.add("is-over");
    over = article;
  }

  document.addEventListener(
    "dragover",
    function (event) {
      if (!hasFiles(event)) return;
      const article = criterionOf(event.target);
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = article ? "copy" : "none";
      mark(article);
    },
    true
  );
  document.addEventListener("dragleave", function (event) {
    if (!event.relatedTarget) mark(null);
  });
  document.addEventListener(
    "drop",
    function (event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      mark(null);
      const article = criterionOf(event.target);
      if (article) add(article, [...event.dataTransfer.files]);
    },
    true
  );

  // Pasted: into the criterion that has the focus or lies under the pointer.
  let pointed = null;
  document.addEventListener("pointerover", function (event) {
    pointed = criterionOf(event.target);
  });
  let touched = null;
  document.addEventListener("pointerdown", function (event) {
    touched = criterionOf(event.target);
  });

  function named(file, at) {
    if (!/^image\.\w+$/.test(file.name)) return file;
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const when = [now.getMonth() + 1, now.getDate()].map(two).join("") + "-" + [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("");
    const name = "粘贴图片" + when + (at ? "-" + (at + 1) : "") + file.name.slice(file.name.lastIndexOf("."));
    return new File([file], name, { type: file.type });
  }

  document.addEventListener("paste", function (event) {
    const data = event.clipboardData;
    if (!data || !data.files.length || document.querySelector("dialog[open]")) return;
    // From Word or Excel comes text with a picture of it: into an input goes the text.
    const isTyping = event.target.closest && event.target.closest("input:not([type=checkbox], [type=radio]), textarea");
    if (isTyping && data.types.includes("text/plain")) return;
    const article = criterionOf(document.activeElement) || pointed || touched;
    if (!article || !article.isConnected) {
      tell("请先点一下要附材料的条目，再粘贴。");
      return;
    }
    event.preventDefault();
    add(article, [...data.files].map(named));
  });

  function tell(text) {
    const live = document.querySelector("[data-live-message]");
    if (!live) return;
    live.textContent = text;
    live.hidden = false;
  }

  // Files uploaded before, in a dialog of its own.
  if (document.querySelector("[data-choose]")) {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog dialog-wide";
    dialog.id = "evidence-choice";
    dialog.setAttribute("aria-labelledby", "evidence-choice-title");
    document.body.append(dialog);
    document.addEventListener("htmx:afterSwap", function (event) {
      if (event.detail.target === dialog && !dialog.open) dialog.showModal();
    });
    document.addEventListener("htmx:afterRequest", function (event) {
      if (event.detail.elt.matches("form[data-choice]") && event.detail.successful) dialog.close();
    });
  }

  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll(".evidence.is-editable").forEach(function (list) {
      filled(list.closest("article").id);
    });
  });

  window.addEventListener("online", retry);
  window.addEventListener("session-resumed", retry);
  window.setInterval(retry, RETRY_MS);
  window.addEventListener("beforeunload", function (event) {
    if (!jobs.length) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
