// Runs before the first paint, hence a plain script and not a module: the theme must not flash.
(() => {
  const { js, wasm } = document.currentScript.dataset;
  try {
    const theme = localStorage.getItem("binnacle.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    if (localStorage.getItem("binnacle.nav") === "icons") document.documentElement.dataset.nav = "icons";
  } catch {
    // Storage may be refused; the system's theme is used then.
  }
  import(js)
    .then((module) => module.default({ module_or_path: wasm }))
    .catch((error) => {
      console.error(error);
      const boot = document.getElementById("boot-message");
      if (!boot) return;
      boot.textContent =
        "The console could not start: " + error + ". Reload the page; if that does not help, use a current browser with WebAssembly.";
      boot.hidden = false;
    });
})();
