"use strict";

/** An element with properties and children; texts become text nodes, never markup. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

class Api {
  constructor(description) {
    this.description = description;
  }

  /** The schema itself where there is a reference to it. */
  resolved(schema) {
    let found = schema || {};
    for (let step = 0; found.$ref && step < 20; step += 1) {
      found = found.$ref.split("/").slice(1).reduce((part, key) => (part || {})[decodeURIComponent(key)], this.description) || {};
    }
    return found;
  }

  /** A value that fits a schema, to begin with. */
  example(schema, depth = 0) {
    const found = this.resolved(schema);
    if (found.default !== undefined) return found.default;
    if (found.examples) return found.examples[0];
    if (found.const !== undefined) return found.const;
    if (found.enum) return found.enum[0];
    const choices = found.anyOf || found.oneOf;
    if (choices) return this.example(choices[0], depth + 1);
    const kind = Array.isArray(found.type) ? found.type[0] : found.type;
    if (kind === "object" || found.properties) {
      if (depth > 6) return {};
      return Object.fromEntries(Object.entries(found.properties || {}).map(([name, part]) => [name, this.example(part, depth + 1)]));
    }
    if (kind === "array") return depth > 6 || !found.items ? [] : [this.example(found.items, depth + 1)];
    if (kind === "integer" || kind === "number") return found.minimum ?? (found.exclusiveMinimum ?? -1) + 1;
    if (kind === "boolean") return false;
    if (kind === "null") return null;
    if (found.format === "uuid") return "00000000-0000-0000-0000-000000000000";
    if (found.format === "date") return "2030-01-31";
    if (found.format === "date-time") return "2030-01-31T12:00:00Z";
    return "text".padEnd(found.minLength || 0, "x");
  }

  /** A schema in a few words. */
  words(schema, depth = 0) {
    const found = this.resolved(schema);
    if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (found.const !== undefined) return JSON.stringify(found.const);
    const choices = found.anyOf || found.oneOf;
    if (choices) return choices.map((choice) => this.words(choice, depth + 1)).join(" | ");
    if (found.type === "array") return depth > 3 ? "array" : `array of ${this.words(found.items, depth + 1)}`;
    const limits = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"]
      .filter((name) => found[name] !== undefined)
      .map((name) => `${name} ${found[name]}`);
    const name = found.title && found.type === "object" ? found.title : found.format || found.type || "anything";
    return [name, ...limits].join(", ");
  }
}

function field(api, name, schema, required, where, description) {
  const binary = api.resolved(schema).format === "binary";
  const input = element("input", { type: binary ? "file" : "text", name, required });
  const start = api.resolved(schema).default;
  if (!binary && start !== undefined && typeof start !== "object") input.value = String(start);
  input.dataset.where = where;
  const caption = element("span", { className: required ? "required" : "", textContent: name });
  const about = [where, api.words(schema), description].filter(Boolean).join("; ");
  return element("label", {}, caption, input, element("small", { textContent: about }));
}

function bodyParts(api, operation) {
  const content = (operation.requestBody || {}).content || {};
  const kind = Object.keys(content)[0];
  if (!kind) return [];
  const schema = content[kind].schema || {};
  if (kind !== "application/json") {
    const found = api.resolved(schema);
    const required = found.required || [];
    return [
      element("h3", { textContent: kind }),
      ...Object.entries(found.properties || {}).map(([name, part]) => field(api, name, part, required.includes(name), "form")),
    ];
  }
  const text = element("textarea", { name: "body", spellcheck: false, value: JSON.stringify(api.example(schema), null, 2) });
  text.setAttribute("aria-label", "Body as JSON");
  return [element("h3", { textContent: "Body" }), element("p", { textContent: api.words(schema) }), text];
}

/** What the filled form asks for: address and options of fetch. */
function request(method, path, form) {
  let address = path;
  const query = new URLSearchParams();
  const options = { method: method.toUpperCase(), headers: {} };
  const data = new FormData();
  for (const input of form.querySelectorAll("input")) {
    const { where } = input.dataset;
    if (where === "form") {
      for (const file of input.files || []) data.append(input.name, file);
      if (!input.files && input.value !== "") data.append(input.name, input.value);
    } else if (where === "path") {
      address = address.replace(`{${input.name}}`, encodeURIComponent(input.value));
    } else if (input.value !== "" && where === "query") {
      query.append(input.name, input.value);
    } else if (input.value !== "" && where === "header") {
      options.headers[input.name] = input.value;
    }
  }
  const body = form.querySelector("textarea");
  if (body) {
    options.headers["Content-Type"] = "application/json";
    options.body = body.value;
  } else if (form.querySelector("input[data-where=form]")) {
    options.body = data;
  }
  const asked = query.toString();
  return [asked ? `${address}?${asked}` : address, options];
}

async function send(event, method, path, answer) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  button.disabled = true;
  answer.hidden = false;
  answer.textContent = "…";
  const began = performance.now();
  try {
    const [address, options] = request(method, path, form);
    const response = await fetch(address, options);
    const kind = response.headers.get("Content-Type") || "";
    const endless = kind.startsWith("text/event-stream");
    let text = endless ? "(a stream of events; read it with an EventSource)" : await response.text();
    if (endless) await response.body.cancel();
    if (kind.includes("json") && text) text = JSON.stringify(JSON.parse(text), null, 2);
    const taken = Math.round(performance.now() - began);
    answer.textContent = `${response.status} ${response.statusText} (${taken} ms)\n${kind}\n\n${text}`;
    answer.dataset.status = response.status;
  } catch (error) {
    answer.textContent = `No answer: ${error.message}`;
  } finally {
    button.disabled = false;
  }
}

function operationCard(api, path, method, operation) {
  const answer = element("pre", { hidden: true });
  answer.setAttribute("aria-live", "polite");
  const parameters = (operation.parameters || []).filter((each) => each.in !== "cookie");
  const form = element(
    "form",
    {},
    parameters.length ? element("h3", { textContent: "Parameters" }) : null,
    ...parameters.map((each) => field(api, each.name, each.schema, each.required, each.in, each.description)),
    ...bodyParts(api, operation),
    element("button", { textContent: "Send" }),
    answer,
  );
  form.addEventListener("submit", (event) => send(event, method, path, answer));
  const rows = Object.entries(operation.responses || {}).map(([status, response]) => {
    const content = Object.entries(response.content || {}).map(([kind, part]) => `${kind}: ${api.words(part.schema)}`);
    return element(
      "tr",
      {},
      element("td", {}, element("code", { textContent: status })),
      element("td", { textContent: response.description || "" }),
      element("td", { textContent: content.join("; ") }),
    );
  });
  const card = element(
    "details",
    { id: operation.operationId || "" },
    element(
      "summary",
      {},
      element("span", { className: `verb ${method}`, textContent: method.toUpperCase() }),
      element("span", { className: "path", textContent: path }),
      element("span", { className: "about", textContent: operation.summary || "" }),
    ),
  );
  const inside = element(
    "div",
    { className: "inside" },
    operation.description ? element("p", { textContent: operation.description }) : null,
    form,
    element("h3", { textContent: "Answers" }),
    element("table", {}, element("tbody", {}, ...rows)),
  );
  card.append(inside);
  card.dataset.words = [path, method, operation.operationId, operation.summary, ...(operation.tags || [])].join(" ").toLowerCase();
  return card;
}

function show(description) {
  const api = new Api(description);
  document.title = document.getElementById("title").textContent = description.info.title;
  document.getElementById("version").textContent = `Version ${description.info.version}`;
  const groups = new Map();
  for (const [path, methods] of Object.entries(description.paths || {})) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = (operation.tags || [""])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operationCard(api, path, method, operation));
    }
  }
  const main = document.getElementById("operations");
  for (const [tag, cards] of [...groups].sort(([one], [other]) => one.localeCompare(other))) {
    main.append(element("section", {}, tag ? element("h2", { textContent: tag }) : null, ...cards));
  }
  if (!groups.size) main.append(element("p", { textContent: "There are no operations." }));
  main.setAttribute("aria-busy", "false");
}

function filter(event) {
  const wanted = event.target.value.toLowerCase();
  for (const section of document.querySelectorAll("section")) {
    const cards = [...section.querySelectorAll("details")];
    for (const card of cards) card.hidden = !card.dataset.words.includes(wanted);
    section.hidden = cards.every((card) => card.hidden);
  }
}

async function begin() {
  document.getElementById("filter").addEventListener("input", filter);
  const main = document.getElementById("operations");
  try {
    const response = await fetch(document.body.dataset.openapi);
    if (!response.ok) throw new Error(`the OpenAPI document is answered with ${response.status}`);
    show(await response.json());
  } catch (error) {
    main.append(element("p", { textContent: `The operations cannot be shown: ${error.message}.` }));
    main.setAttribute("aria-busy", "false");
  }
}

begin();
