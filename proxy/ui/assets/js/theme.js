// Before the first paint: the colours that were chosen here last, else those of the system.
(() => {
  "use strict";
  let chosen = null;
  try {
    chosen = localStorage.getItem("source:theme");
  } catch {
    // A browser that keeps nothing follows the system.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
