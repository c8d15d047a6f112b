// Runs before the first paint, hence a plain script and not a module: the theme must not flash.
(() => {
  const root = document.documentElement;
  const { js, wasm } = document.currentScript.dataset;
  try {
    const theme = localStorage.getItem("binnacle.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("binnacle.nav") === "icons") root.dataset.nav = "icons";
  } catch {
    // Storage may be refused; the system's theme is used then.
  }
  const say = (text) => {
    const note = document.getElementById("boot-message");
    if (!note) return;
    note.textContent = text;
    note.hidden = false;
  };
  // Where the API is, if not where the console came from.
  const wrong = (why) => new Error("config.json beside the console is not usable: " + why);
  const settings = async () => {
    const answer = await fetch("/config.json", { cache: "no-cache" });
    // Some hosts answer with their start page where there is no file.
    const page = (answer.headers.get("content-type") ?? "").startsWith("text/html");
    if (answer.status === 404 || (answer.ok && page)) return;
    if (!answer.ok) throw wrong("its host answers with status " + answer.status + ".");
    let config;
    try {
      config = await answer.json();
    } catch {
      throw wrong("it is no JSON.");
    }
    if (config === null || typeof config !== "object" || Array.isArray(config)) throw wrong("it is no object.");
    const other = Object.keys(config).find((name) => name !== "api");
    if (other !== undefined) throw wrong("it has a setting “" + other + "”; there is only “api”.");
    if (config.api === undefined) return;
    let url;
    try {
      url = new URL(config.api);
    } catch {
      // Told below.
    }
    const plain = url && /^https?:$/.test(url.protocol) && url.href === url.origin + "/";
    if (!plain) throw wrong("“api” has to be an address such as https://binnacle.example, without a path.");
    if (url.origin !== location.origin) root.dataset.api = url.origin;
  };
  Promise.all([import(js), settings()])
    .then(([module]) => module.default({ module_or_path: wasm }))
    .catch((error) => {
      console.error(error);
      const known = String(error.message).startsWith("config.json");
      say(
        known
          ? error.message
          : "The console could not start: " + error + ". Reload the page; if that does not help, use a current browser with WebAssembly.",
      );
    });
})();
