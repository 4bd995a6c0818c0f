// Keeps the parts of a page fresh. Each part is a list whose entries have ids; an entry is replaced only when the server
// says something new of it, and never while somebody is typing in it or has the focus in one of its fields.
"use strict";
(() => {
  const PAUSE_MS = 1000;
  const told = new Map(); // id of an entry -> what the server last said of it
  const title = document.title.replace(/^\(\d+\) /, "");
  let news = null;

  const key = (part, entry) => part + "/" + entry.id;
  const isTyped = (entry) => {
    const focus = document.activeElement;
    const typing = focus && entry.contains(focus) && focus.matches("input:not([type=radio]):not([readonly]), select, textarea");
    return typing || entry.dataset.touched === "yes";
  };

  function replace(old, fresh) {
    const open = [...old.querySelectorAll("details[open][id]")].map((each) => each.id);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    open.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    if (focused) focusOn(document.getElementById(focused) || fresh);
  }

  function focusOn(element) {
    if (!element.matches("a, button, input, select, summary, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  function merge(part, list, fresh) {
    const wanted = new Map([...fresh.children].map((entry) => [entry.id, entry]));
    for (const entry of [...list.children]) {
      if (wanted.has(entry.id)) continue;
      const focused = entry.contains(document.activeElement);
      told.delete(key(part, entry));
      entry.remove();
      if (focused) focusOn(list.closest("section, main"));
    }
    let place = list.firstElementChild;
    for (const entry of wanted.values()) {
      const text = entry.outerHTML;
      const old = [...list.children].find((each) => each.id === entry.id);
      if (!old) {
        list.insertBefore(entry, place);
      } else {
        if (old !== place) list.insertBefore(old, place); else place = place.nextElementSibling;
        if (told.get(key(part, entry)) === text) continue;
        if (isTyped(old)) continue;
        replace(old, entry);
      }
      told.set(key(part, entry), text);
    }
  }

  function tell(fresh) {
    if (fresh.dataset.news === undefined) return;
    const count = Number(fresh.dataset.count);
    document.title = (count ? "(" + count + ") " : "") + title;
    if (news !== fresh.dataset.news) {
      document.getElementById("news").textContent = fresh.dataset.news ? "Open dialogs: " + fresh.dataset.news : "No dialog is open.";
    }
    news = fresh.dataset.news;
  }

  async function refresh(list) {
    const part = list.dataset.fragment;
    const answer = await fetch("/console/fragment/" + part + location.search, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-fragment]");
    merge(part, list, fresh);
    tell(fresh);
  }

  async function poll() {
    const lists = [...document.querySelectorAll("[data-fragment]")];
    let gone = false;
    for (const list of lists) {
      try { await refresh(list); } catch { gone = true; }
    }
    const bar = document.getElementById("gone");
    if (gone && !bar) {
      const text = "The emulator does not answer any more; this page shows what was last known.";
      const alert = Object.assign(document.createElement("p"), { id: "gone", className: "said ill", textContent: text });
      alert.setAttribute("role", "alert");
      document.getElementById("main").prepend(alert);
    } else if (!gone && bar) bar.remove();
    if (lists.length) setTimeout(poll, PAUSE_MS);
  }

  document.addEventListener("input", (event) => {
    const entry = event.target.closest("[data-fragment] > *");
    if (entry) entry.dataset.touched = "yes";
    if (event.target.id === "q") filter(event.target.value);
  });

  function filter(text) {
    const list = document.querySelector("[data-filtered]");
    if (!list) return;
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of list.querySelectorAll("[data-text]")) {
      const hit = words.every((word) => entry.dataset.text.toLowerCase().includes(word));
      entry.hidden = !hit;
      shown += hit ? 1 : 0;
    }
    document.getElementById("shown").textContent = shown + " shown.";
  }

  for (const list of document.querySelectorAll("[data-fragment]")) {
    for (const entry of list.children) told.set(key(list.dataset.fragment, entry), entry.outerHTML);
    if (list.dataset.news !== undefined) news = list.dataset.news;
  }
  poll();
})();
