// Keyboard control and linking of evidence with findings. The pages work without it.
"use strict";

document.documentElement.classList.add("has-keys");

const rows = [...document.querySelectorAll("[data-keys=rows] .row-link")];
const cards = [...document.querySelectorAll("[data-keys=cards] .card")];

function isTyping(target) {
  return target.closest("input, textarea, select") !== null;
}

// The place in the list of the element that has the focus, or -1.
function current(list) {
  return list.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
}

// What is folded away can take no focus.
function unfoldAround(element) {
  const folded = element.parentElement?.closest("details");
  if (folded) folded.open = true;
}

function step(list, by) {
  if (list.length === 0) return;
  const at = current(list);
  const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1);
  unfoldAround(list[next]);
  list[next].focus();
  list[next].scrollIntoView({ block: "nearest" });
}

// Confirm at once; overturning and appealing need a comment, so an empty one is asked for first.
function decide(decision) {
  const card = cards[current(cards)];
  const button = card?.querySelector(`button[value="${decision}"]`);
  if (!button) return;
  const comment = card.querySelector("textarea");
  if (decision !== "confirm" && comment.value.trim() === "") {
    comment.focus();
  } else {
    button.click();
  }
}

const keys = {
  j: () => step(rows.length ? rows : cards, 1),
  k: () => step(rows.length ? rows : cards, -1),
  c: () => decide("confirm"),
  o: () => decide("overturn"),
  a: () => decide("appeal"),
  u: () => cards.length && window.location.assign("/queue"),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target)) {
    (event.target.closest(".card") ?? document.getElementById("main")).focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

function holders(keysOfFindings) {
  const wanted = new Set(keysOfFindings);
  const marks = [...document.querySelectorAll("[data-findings]")].filter((mark) =>
    mark.dataset.findings.split(" ").some((key) => wanted.has(key)),
  );
  const found = [...document.querySelectorAll("[data-finding]")].filter((card) => wanted.has(card.dataset.finding));
  return [...marks, ...found];
}

function link(event, isLinked) {
  const mark = event.target.closest("[data-findings], [data-finding]");
  if (!mark) return;
  const keysOfFindings = (mark.dataset.findings ?? mark.dataset.finding).split(" ");
  for (const holder of holders(keysOfFindings)) holder.classList.toggle("is-linked", isLinked);
}

for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(begin, (event) => link(event, true));
  document.addEventListener(end, (event) => link(event, false));
}

// A link to a suppressed finding opens the section that folds it away.
function unfold() {
  const id = decodeURIComponent(window.location.hash.slice(1));
  const target = id ? document.getElementById(id) : null;
  if (target) unfoldAround(target);
  if (target?.matches(".card")) target.focus();
}

window.addEventListener("hashchange", unfold);
unfold();
