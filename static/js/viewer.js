// The viewer: pictures (a[data-view] within [data-view-list]) open large, to zoom, drag and turn; with what is known of each.
(function () {
  "use strict";

  const dialog = document.querySelector("dialog[data-viewer]");
  if (!dialog || typeof dialog.showModal !== "function") return;

  const part = (name) => dialog.querySelector("[data-viewer-" + name + "]");
  const stage = part("stage");
  const picture = part("picture");
  const ZOOM = 1.4;
  const MOST = 8;
  const SWIPE = 60;

  let pictures = []; // as the server lists them
  let at = 0;
  let zoom = 1; // 1: as large as the stage
  let turn = 0;
  let x = 0;
  let y = 0;
  let opener = null;

  function set(name, text) {
    const place = part(name);
    place.textContent = text;
    place.hidden = !text;
  }

  function note(text) {
    set("note", text);
  }

  function isSideways() {
    return turn % 180 !== 0;
  }

  // How much the picture shrinks to fit the stage; a small one is not blown up.
  function fitting() {
    const width = isSideways() ? picture.naturalHeight : picture.naturalWidth;
    const height = isSideways() ? picture.naturalWidth : picture.naturalHeight;
    if (!width || !height) return 1;
    return Math.min(1, stage.clientWidth / width, stage.clientHeight / height);
  }

  function place() {
    const scale = fitting() * zoom;
    const width = (isSideways() ? picture.naturalHeight : picture.naturalWidth) * scale;
    const height = (isSideways() ? picture.naturalWidth : picture.naturalHeight) * scale;
    const mostX = Math.max(0, (width - stage.clientWidth) / 2);
    const mostY = Math.max(0, (height - stage.clientHeight) / 2);
    x = Math.min(mostX, Math.max(-mostX, x));
    y = Math.min(mostY, Math.max(-mostY, y));
    picture.style.transform =
      "translate(-50%, -50%) translate(" + x + "px, " + y + "px) rotate(" + turn + "deg) scale(" + scale + ")";
    stage.classList.toggle("is-zoomed", mostX > 0 || mostY > 0);
  }

  // Zooms so that the point of the stage stays where it is.
  function zoomBy(factor, pointX, pointY) {
    const before = zoom;
    zoom = Math.min(MOST, Math.max(1, zoom * factor));
    const ratio = zoom / before;
    const box = stage.getBoundingClientRect();
    const fromX = pointX === undefined ? 0 : pointX - box.left - box.width / 2;
    const fromY = pointY === undefined ? 0 : pointY - box.top - box.height / 2;
    x = fromX - (fromX - x) * ratio;
    y = fromY - (fromY - y) * ratio;
    place();
  }

  function fit() {
    zoom = 1;
    x = 0;
    y = 0;
    place();
  }

  function items(list, texts) {
    list.replaceChildren(
      ...texts.map(function (text) {
        const item = document.createElement("li");
        if (text.url) {
          const link = document.createElement("a");
          link.href = text.url;
          link.textContent = text.text;
          item.append(link);
        } else {
          item.textContent = text.text || text;
        }
        return item;
      })
    );
  }

  function show() {
    const one = pictures[at];
    turn = one.rotation || 0;
    note("正在打开…");
    picture.alt = one.caption || one.name;
    if (picture.getAttribute("src") !== one.shown) {
      picture.style.visibility = "hidden";
      picture.src = one.shown;
    } else if (picture.complete) {
      note("");
    }
    set("count", pictures.length > 1 ? at + 1 + " / " + pictures.length : "");
    set("caption", one.caption || one.name);
    set("place", one.place || "");
    set("uploaded", one.uploaded || "");
    set("taken", one.taken || "");
    part("doubts").hidden = !(one.doubts && one.doubts.length);
    items(part("doubts"), one.doubts || []);
    const uses = one.uses || [];
    part("uses").hidden = !uses.length;
    const more = one.more_uses ? [{ text: "另有 " + one.more_uses + " 处" }] : [];
    items(part("others"), [...uses, ...more]);
    const original = part("original");
    original.hidden = !one.original;
    if (one.original) original.href = one.original;
    original.querySelector("span").textContent = "下载原件" + (one.size ? "（" + one.size + "）" : "");
    dialog.querySelectorAll(".viewer-step").forEach((step) => (step.hidden = pictures.length < 2));
    fit();
  }

  function go(step) {
    if (pictures.length < 2) return;
    at = (at + step + pictures.length) % pictures.length;
    show();
    // The next one is there when it is asked for.
    new Image().src = pictures[(at + step + pictures.length) % pictures.length].shown;
  }

  function open(link) {
    const list = link.closest("[data-view-list]");
    const image = link.querySelector("img");
    const id = Number(link.dataset.view);
    const turned = image && /turn-(\d+)/.exec(image.className);
    opener = link;
    // At once what the page knows, then what the server tells.
    pictures = [
      { id: id, shown: link.getAttribute("href"), name: image ? image.alt : "", rotation: turned ? Number(turned[1]) : 0 },
    ];
    at = 0;
    dialog.showModal();
    show();
    if (!list) return;
    window
      .fetch(list.dataset.viewList, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then(function (told) {
        const found = told.pictures.findIndex((one) => one.id === id);
        if (!dialog.open || opener !== link || found < 0) return;
        pictures = told.pictures;
        at = found;
        show();
      })
      .catch(() => set("taken", "网络中断，没有读到这张照片的说明。"));
  }

  picture.addEventListener("load", function () {
    note("");
    picture.style.visibility = "visible";
    fit();
  });
  picture.addEventListener("error", function () {
    note("这张照片打不开，请下载原件查看。");
  });

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });

  const ACTS = {
    before: () => go(-1),
    after: () => go(1),
    in: () => zoomBy(ZOOM),
    out: () => zoomBy(1 / ZOOM),
    fit: fit,
    turn: function () {
      turn = (turn + 90) % 360;
      fit();
    },
  };
  const KEYS = {
    ArrowLeft: "before",
    ArrowRight: "after",
    "+": "in",
    "=": "in",
    "-": "out",
    "_": "out",
    0: "fit",
    r: "turn",
    R: "turn",
  };

  dialog.addEventListener("click", function (event) {
    const button = event.target.closest("[data-viewer-act]");
    if (button) ACTS[button.dataset.viewerAct]();
  });
  // Of the document: a button that had the focus may be gone.
  document.addEventListener("keydown", function (event) {
    if (!dialog.open || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    ACTS[KEYS[event.key]]();
  });
  dialog.addEventListener("close", function () {
    picture.removeAttribute("src");
    if (opener && opener.isConnected) opener.focus();
  });

  stage.addEventListener(
    "wheel",
    function (event) {
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
    },
    { passive: false }
  );
  stage.addEventListener("dblclick", function (event) {
    if (event.target.closest("button")) return;
    if (zoom > 1) fit();
    else zoomBy(2.5, event.clientX, event.clientY);
  });

  // Dragged it moves when zoomed; swiped with a finger it leafs.
  let drag = null;
  stage.addEventListener("pointerdown", function (event) {
    if (event.button || !event.isPrimary || event.target.closest("button")) {
      drag = null;
      return;
    }
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, fromX: x, fromY: y };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", function (event) {
    if (!drag || event.pointerId !== drag.id) return;
    x = drag.fromX + event.clientX - drag.x;
    y = drag.fromY + event.clientY - drag.y;
    place();
  });
  stage.addEventListener("pointerup", function (event) {
    if (!drag || event.pointerId !== drag.id) return;
    const moved = event.clientX - drag.x;
    const isSwipe = event.pointerType === "touch" && !stage.classList.contains("is-zoomed") && Math.abs(moved) > SWIPE;
    drag = null;
    if (isSwipe) go(moved < 0 ? 1 : -1);
  });
  stage.addEventListener("pointercancel", function () {
    drag = null;
  });
  window.addEventListener("resize", function () {
    if (dialog.open) place();
  });
})();
