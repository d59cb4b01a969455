// Runs before the first paint, so that a page in dark never flashes white.
"use strict";
try {
  const theme = localStorage.getItem("ringback.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's choice is fine.
}
