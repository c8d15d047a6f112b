// Shows openapi.json. Everything is written as text, never as markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const state = document.getElementById("state");
const main = document.getElementById("operations");

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// The two marks that our texts use: code between backquotes, strong words between stars.
function prose(text) {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  return parts.map((part) => {
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return make("strong", {}, part.slice(2, -2));
    return part;
  });
}

function resolver(description) {
  return (node) => {
    let at = node;
    for (let depth = 0; at && at.$ref && depth < 20; depth += 1) {
      const keys = at.$ref.slice(2).split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
      at = keys.reduce((inner, key) => inner?.[key], description);
    }
    return at ?? {};
  };
}

function shortType(schema, resolve) {
  const name = schema?.$ref?.split("/").pop();
  const real = resolve(schema);
  const either = real.anyOf ?? real.oneOf;
  if (name) return name;
  if (real.const !== undefined) return JSON.stringify(real.const);
  if (real.enum) return real.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (either) return either.map((one) => shortType(one, resolve)).join(" | ");
  if (real.type === "array") return `array of ${shortType(real.items ?? {}, resolve)}`;
  const type = Array.isArray(real.type) ? real.type.join(" | ") : real.type ?? "any";
  return real.format ? `${type} (${real.format})` : type;
}

// A value such as the schema asks for, for examples.
function example(schema, resolve, depth = 0) {
  const real = resolve(schema);
  if (real.example !== undefined) return real.example;
  if (real.default !== undefined) return real.default;
  if (real.const !== undefined) return real.const;
  if (real.enum) return real.enum[0];
  const either = real.oneOf ?? real.anyOf;
  if (either) return example(either.find((one) => resolve(one).type !== "null") ?? {}, resolve, depth);
  const type = Array.isArray(real.type) ? real.type.find((one) => one !== "null") : real.type;
  if (type === "object" || real.properties) {
    if (depth > 5) return {};
    const fields = Object.entries(real.properties ?? {});
    return Object.fromEntries(fields.map(([name, inner]) => [name, example(inner, resolve, depth + 1)]));
  }
  if (type === "array") return depth > 5 ? [] : [example(real.items ?? {}, resolve, depth + 1)];
  if (type === "integer" || type === "number") return Math.max(real.minimum ?? 1, 1);
  if (type === "boolean") return true;
  if (real.format === "date-time") return "2026-01-31T08:00:00Z";
  return type === "string" ? "text" : null;
}

function quoted(text) {
  return `'${String(text).replaceAll("'", "'\\''")}'`;
}

function curl(path, method, operation, resolve) {
  const parameters = (operation.parameters ?? []).map(resolve);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const parameter = parameters.find((one) => one.in === "path" && one.name === name);
    return encodeURIComponent(example(parameter?.schema ?? {}, resolve));
  });
  const needed = parameters.filter((one) => one.in === "query" && one.required);
  const query = needed.map((one) => `${one.name}=${encodeURIComponent(example(one.schema, resolve))}`).join("&");
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}${quoted(`${location.origin}${filled}${query ? `?${query}` : ""}`)}`];
  if (operation.security?.length) lines.push('-H "Authorization: Bearer $TOKEN"');
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type === "application/json") {
    lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(example(content.schema, resolve)))}`);
  } else if (type === "application/x-www-form-urlencoded") {
    const fields = Object.entries(example(content.schema, resolve) ?? {});
    lines.push(...fields.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`));
  } else if (type) {
    lines.push("--data-binary @message");
  }
  return lines.join(" \\\n  ");
}

function table(caption, head, rows) {
  const columns = head.map((title) => make("th", { scope: "col" }, title));
  return make("div", { class: "wide" }, make("table", { "aria-label": caption },
    make("thead", {}, make("tr", {}, ...columns)), make("tbody", {}, ...rows)));
}

function fields(schema, resolve) {
  const real = resolve(schema);
  const needed = new Set(real.required ?? []);
  const rows = Object.entries(real.properties ?? {}).map(([name, inner]) => make("tr", {},
    make("td", {}, make("code", {}, name), needed.has(name) ? make("span", { class: "required" }, " required") : null),
    make("td", {}, shortType(inner, resolve)),
    make("td", {}, ...prose(resolve(inner).description ?? ""))));
  return rows.length ? table("Fields", ["Field", "Type", "Meaning"], rows) : null;
}

function body(operation, resolve) {
  return Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, content]) => {
    const real = resolve(content.schema ?? {});
    const heading = make("h3", {}, `Body (${type})`);
    if (!real.oneOf) return [heading, fields(content.schema, resolve)];
    const forms = real.oneOf.map((one) => {
      const form = resolve(one);
      const title = form.properties?.action?.const ?? shortType(one, resolve);
      return make("details", {}, make("summary", {}, make("span", { class: "path" }, title),
        make("span", { class: "what" }, form.description ?? "")), make("div", { class: "inside" }, fields(one, resolve)));
    });
    return [heading, ...forms];
  });
}

function answers(operation, resolve) {
  const rows = [];
  const shown = [];
  for (const [status, answer] of Object.entries(operation.responses ?? {})) {
    const real = resolve(answer);
    const [type, content] = Object.entries(real.content ?? {})[0] ?? [];
    const shape = content?.schema && Object.keys(content.schema).length ? shortType(content.schema, resolve) : "";
    rows.push(make("tr", {}, make("td", {}, make("code", {}, status)),
      make("td", {}, type ? (status < 300 && shape ? `${type}: ${shape}` : type) : "no body"),
      make("td", {}, ...prose(real.description ?? ""))));
    if (status < 300 && type === "application/json" && shape) {
      shown.push(make("h3", {}, `Answer ${status}, for example`),
        make("pre", { tabindex: "0" }, JSON.stringify(example(content.schema, resolve), null, 2)));
    }
  }
  return [make("h3", {}, "Answers"), table("Answers", ["Status", "Body", "Meaning"], rows), ...shown];
}

function inside(path, method, operation, resolve) {
  const parameters = (operation.parameters ?? []).map(resolve);
  const rows = parameters.map((one) => make("tr", {},
    make("td", {}, make("code", {}, one.name), one.required ? make("span", { class: "required" }, " required") : null),
    make("td", {}, one.in), make("td", {}, shortType(one.schema ?? {}, resolve)),
    make("td", {}, ...prose(one.description ?? ""))));
  const also = operation["x-also"] ?? [];
  return make("div", { class: "inside" },
    make("p", {}, ...prose(operation.description ?? "")),
    also.length ? make("p", { class: "what" }, `Also at ${also.join(", ")}.`) : null,
    ...(rows.length ? [make("h3", {}, "Parameters"), table("Parameters", ["Name", "In", "Type", "Meaning"], rows)] : []),
    ...body(operation, resolve).filter(Boolean),
    ...answers(operation, resolve),
    make("h3", {}, "With curl"), make("pre", { tabindex: "0" }, curl(path, method, operation, resolve)));
}

function entry(path, method, operation, resolve) {
  const element = make("details", { id: operation.operationId },
    make("summary", {}, make("span", { class: `method ${method}` }, method.toUpperCase()),
      make("span", { class: "path" }, path), make("span", { class: "what" }, operation.summary ?? "")));
  // Only what is opened is drawn: the whole would be slow.
  element.addEventListener("toggle", () => {
    if (element.open && element.childElementCount === 1) element.append(inside(path, method, operation, resolve));
  });
  const words = [method, path, ...(operation["x-also"] ?? []), operation.summary, operation["x-permission"], operation.operationId,
    ...Object.values(operation.requestBody?.content ?? {}).flatMap((content) =>
      (resolve(content.schema ?? {}).oneOf ?? []).map((one) => one.$ref ?? ""))];
  return { element, words: words.join(" ").toLowerCase() };
}

function draw(description) {
  const resolve = resolver(description);
  const areas = new Map((description.tags ?? []).map((tag) => [tag.name, { tag, entries: [] }]));
  for (const [path, item] of Object.entries(description.paths ?? {})) {
    for (const method of METHODS.filter((one) => item[one])) {
      areas.get(item[method].tags?.[0])?.entries.push(entry(path, method, item[method], resolve));
    }
  }
  const about = make("section", { class: "about" }, make("h2", {}, `Version ${description.info.version}`),
    ...description.info.description.split("\n\n").map((text) => make("p", {}, ...prose(text))));
  main.replaceChildren(about);
  const links = document.getElementById("areas");
  for (const [name, area] of areas) {
    const id = `area-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
    area.section = make("section", { id }, make("h2", {}, name),
      area.tag.description ? make("p", {}, ...prose(area.tag.description)) : null,
      ...area.entries.map((one) => one.element));
    area.link = make("li", {}, make("a", { href: `#${id}` }, name));
    main.append(area.section);
    links.append(area.link);
  }
  return { about, areas };
}

function filter({ about, areas }, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { entries, section, link } of areas.values()) {
    let inArea = 0;
    for (const one of entries) {
      one.element.hidden = !words.every((word) => one.words.includes(word));
      inArea += one.element.hidden ? 0 : 1;
    }
    section.hidden = link.hidden = inArea === 0;
    count += inArea;
  }
  about.hidden = words.length > 0;
  document.getElementById("found").textContent = words.length ? `${count} found` : `${count} operations`;
}

// An address with an operation's name opens it.
function openAddressed() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

async function start() {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const drawn = draw(await answer.json());
  const search = document.getElementById("search");
  search.addEventListener("input", () => filter(drawn, search.value));
  document.getElementById("search-form").addEventListener("submit", (event) => event.preventDefault());
  filter(drawn, "");
  openAddressed();
  window.addEventListener("hashchange", openAddressed);
}

start().catch((error) => {
  state.textContent = `The description cannot be shown: ${error.message}`;
});
