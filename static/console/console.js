/* Keys, focus, the reader's time zone, and the next record fetched in advance; nothing else: every page works without this file.
   An element with data-key="a" is clicked by that key; one with data-row is a stop for j and k; data-focus takes the
   focus after a page was swapped in; data-opens names a dialog. Keys can be switched off in the list of keys (WCAG 2.1.4). */
"use strict";

const OFF = "console-keys-off";

/* Read by review/console/zones.py: the next page tells times in it. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
const seen = (element) => element.offsetParent !== null && !element.disabled;

function rowStep(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(seen);
  if (rows.length === 0) return false;
  const at = rows.indexOf(document.activeElement.closest("[data-row]"));
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(seen);
  if (target) {
    if (typing(target)) target.focus();
    else target.click();
    return true;
  }
  if (key === "j") return rowStep(1);
  if (key === "k") return rowStep(-1);
  return false;
}

/* From the search field the arrows lead through what it suggests, and Escape out of it. */
function alongSuggestions(event) {
  const form = event.target.closest(".top .search");
  const stops = form ? [form.querySelector("input[type=search]"), ...form.querySelectorAll(".suggestions a")] : [];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = stops[stops.indexOf(event.target) + step];
  if (next) next.focus();
  else if (event.key === "Escape" && form) event.target.blur();
  else return false;
  return true;
}

/* Escape closes what was opened over the page, and the focus is where it was. */
function closeOpened(event) {
  const opened = event.key === "Escape" && event.target.closest("details.menu[open], details.doubt[open]");
  if (!opened) return false;
  opened.open = false;
  opened.querySelector("summary").focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (alongSuggestions(event) || closeOpened(event)) return void event.preventDefault();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) return void event.target.blur();
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (localStorage.getItem(OFF) && event.key !== "?") return;
  if (press(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog && dialog.showModal) {
    event.preventDefault();
    dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
  }
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelector("[data-first]")?.focus();
}, true);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) {
    if (event.target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  }
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  if (event.target.matches("[data-ticks-all]")) {
    document.querySelectorAll(".tick input").forEach((box) => { box.checked = event.target.checked; });
  }
});

function settle() {
  searched = document.getElementById("asked")?.value || searched;
  document.querySelectorAll("[data-keys-switch]").forEach((box) => { box.checked = !localStorage.getItem(OFF); });
  document.querySelectorAll("details[data-wide]").forEach((part) => { part.open = window.innerWidth > 860; });
  document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
  showWhereWeAre();
}

/* Narrow windows have the pages in a row that scrolls sideways. */
function showWhereWeAre() {
  const here = document.querySelector("#side [aria-current]");
  const row = document.getElementById("side");
  if (here) row.scrollLeft = here.offsetLeft - (row.clientWidth - here.clientWidth) / 2;
}

/* The record that a verdict leads to (data-ahead) is fetched while this one is read, and kept in memory only. The server
   is told with each request which page is held (review/console/ahead.py): where that still stands it sends the parts that
   are new, and they take the places of those with their ids. */
let held = null;
let reader = null;

async function fetchAhead() {
  const place = document.querySelector("[data-ahead]");
  if (place === reader) return;
  held = null;
  reader = place;
  if (!place) return;
  try {
    const answer = await fetch(place.dataset.ahead, { headers: { "X-Case-Ahead": "1" }, priority: "low" });
    const state = answer.ok && answer.headers.get("X-Case-State");
    const text = await answer.text();
    if (state && place === reader) held = { state, text };
  } catch {
    // Offline for a moment, or gone to another page: the next record is then read when it is asked for.
  }
}

function completed(text, parts) {
  const whole = new DOMParser().parseFromString(text, "text/html");
  const news = new DOMParser().parseFromString(parts, "text/html");
  for (const part of news.body.children) whole.getElementById(part.id)?.replaceWith(whole.importNode(part, true));
  return whole.documentElement.outerHTML;
}

document.addEventListener("htmx:configRequest", (event) => {
  if (held) event.detail.headers["X-Case-Held"] = held.state;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = event.detail;
  if (held && answer.xhr.getResponseHeader("X-Case-Held") === held.state) {
    answer.serverResponse = completed(held.text, answer.serverResponse);
  }
});

/* Where the focus goes on a page: to the place it names, and if that is "here" the window as well, or to the row of the list that was opened from it, or to its head. */
let shown = location.pathname;

function takeFocus() {
  const left = shown;
  shown = location.pathname;
  const row = left !== shown && [...document.querySelectorAll("#main [data-row]")].find((each) => each.pathname === left);
  const place = document.querySelector("#main [data-focus]") || row || document.querySelector("#main h1");
  place?.focus({ preventScroll: true });
  return row === place || place?.dataset.focus === "here" ? place : null;
}

document.addEventListener("htmx:afterSettle", (event) => {
  settle();
  if (event.target.id !== "main") return;
  fetchAhead();
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const row = takeFocus();
  if (row) row.scrollIntoView({ block: "center" });
  else if (!event.detail.requestConfig?.elt?.closest("[data-stay]")) window.scrollTo(0, 0);
});

/* Back and forward: the page is fetched anew. What was searched for stands in no address; it is kept in memory, for this. */
let searched = "";

document.addEventListener("input", (event) => {
  if (event.target.id === "asked") searched = event.target.value;
});

document.addEventListener("htmx:historyRestore", () => {
  settle();
  fetchAhead();
  const field = document.getElementById("asked");
  if (field && searched && !field.value) {
    field.value = searched;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  takeFocus()?.scrollIntoView({ block: "center" });
});

document.addEventListener("htmx:historyCacheMissLoadError", () => {
  location.replace(location.pathname + location.search);
});

settle();
fetchAhead();
