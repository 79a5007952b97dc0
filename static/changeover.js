// The little that we add to the NHS components and htmx. Every page works without it.
import * as nhsuk from "./vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.min.js";

const components = [
  "Button", "CharacterCount", "Checkboxes", "ErrorSummary", "FileUpload", "Header",
  "NotificationBanner", "PasswordInput", "Radios", "SkipLink",
];

function start(scope) {
  for (const name of components) {
    // What is inside already bears a mark of its own, so a second call passes it by.
    nhsuk.createAll(nhsuk[name], undefined, { scope, onError: () => {} });
  }
  for (const box of scope.querySelectorAll("[data-select-all]")) {
    box.closest("[hidden]")?.removeAttribute("hidden");
  }
  showBulk();
}

// --- The checkbox that ticks every row of its form; the count of what is ticked is said.
function rows(box) {
  return [...document.querySelectorAll(`input[type=checkbox][name="${box.dataset.selectAll}"]`)];
}

function showBulk() {
  for (const box of document.querySelectorAll("[data-select-all]")) {
    const all = rows(box);
    const ticked = all.filter((row) => row.checked).length;
    box.checked = ticked > 0 && ticked === all.length;
    box.indeterminate = ticked > 0 && ticked < all.length;
    for (const text of document.querySelectorAll("[data-selected-count]")) {
      text.textContent = ticked === 0 ? "None selected" : `${ticked} selected`;
    }
  }
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches?.("[data-select-all]")) {
    for (const row of rows(box)) row.checked = box.checked;
  }
  if (box.type === "checkbox") showBulk();
});

// --- After a swap: focus is never lost to the body, and what changed is said.
function announce(text) {
  const place = document.getElementById("announcement");
  if (place) place.textContent = text;
}

document.addEventListener("htmx:after:settle", (event) => {
  const scope = event.target?.querySelectorAll && event.target !== document ? event.target : document.body;
  start(scope);
  if (document.activeElement === document.body) {
    const heading = scope.querySelector?.("[data-focus], h1, h2");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus();
    }
  }
  const words = scope.querySelector?.("[data-announce]");
  if (words) announce(words.textContent.trim());
});

// --- On a wide screen the style shows filters that are folded on a narrow one; where it cannot, and to tools that ask the fold, they are open.
if (matchMedia("(min-width: 770px)").matches) {
  for (const fold of document.querySelectorAll(".app-filter__fold--narrow")) fold.open = true;
}

// --- What an address points at may be inside a closed fold.
function openFold() {
  let place = null;
  try { place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* not an id */ }
  const fold = place?.closest?.("details");
  if (fold) fold.open = true;
}
addEventListener("hashchange", openFold);

// --- A warning before the session ends, with a way to stay.
function watchSession(dialog) {
  const warnAfter = Number(dialog.dataset.warnAfter) * 1000;
  const endAfter = Number(dialog.dataset.endAfter) * 1000;
  const shown = dialog.querySelector("[data-countdown]");
  const spoken = dialog.querySelector("[data-countdown-spoken]");
  let asked = Date.now();

  const words = (seconds) => seconds > 60
    ? `${Math.ceil(seconds / 60)} minutes`
    : `${seconds} ${seconds === 1 ? "second" : "seconds"}`;

  function tick() {
    const idle = Date.now() - asked;
    const left = Math.max(0, Math.round((endAfter - idle) / 1000));
    if (idle < warnAfter) return;
    if (left === 0) {
      // A GET: the server knows whether the session has ended, and leads to sign-in and back.
      location.reload();
      return;
    }
    if (!dialog.open) {
      dialog.showModal();
      dialog.querySelector("[data-stay]").focus();
    }
    shown.textContent = words(left);
    if (left % 60 === 0 || (left < 60 && left % 15 === 0)) {
      spoken.textContent = `You will be signed out in ${words(left)}.`;
    }
  }

  async function stay() {
    dialog.close();
    try {
      const answer = await fetch("/account", { credentials: "same-origin", redirect: "manual" });
      if (answer.ok) asked = Date.now();
      else location.reload();
    } catch {
      announce("The portal cannot be reached. What you typed is still here.");
    }
  }

  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  document.addEventListener("htmx:after:request", (event) => {
    if (!event.target?.matches?.("[data-background]")) asked = Date.now();
  });
  setInterval(tick, 1000);
}

start(document.body);
openFold();
const dialog = document.getElementById("session-warning");
if (dialog) watchSession(dialog);
document.body.dataset.ready = "true";
