// The colours of the system where nobody chose any, and the notice of a lost connection. Everything works without.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  if (root.dataset.theme === "auto") {
    follow();
    dark.addEventListener("change", follow);
  }
  const notice = (lost) => document.getElementById("offline")?.toggleAttribute("hidden", !lost);
  document.addEventListener("htmx:error", () => notice(true));
  document.addEventListener("htmx:after:request", () => notice(false));
})();
