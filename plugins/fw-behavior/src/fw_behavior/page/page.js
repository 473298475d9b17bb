"use strict";

const base = document.body.dataset.base;
const element = (id) => document.getElementById(id);
const STEP = 1.25;
const MOST = 2000;

// What is known of the tree that is shown: where it stood before the first tick, and what each tick changed.
let start = { nodes: [], tick: 0, statuses: {}, values: {} };
let ticks = [];
let source = null;
let due = false;

function add(tick, state) {
  Object.assign(state.statuses, tick.statuses);
  Object.assign(state.values, tick.values);
  for (const key of tick.gone) delete state.values[key];
}

function stateAt(tick) {
  const state = { statuses: { ...start.statuses }, values: { ...start.values }, last: null };
  for (const each of ticks) {
    if (each.tick > tick) break;
    add(each, state);
    state.last = each;
  }
  return state;
}

function made(tag, className, text) {
  const found = document.createElement(tag);
  found.className = className;
  found.textContent = text;
  return found;
}

function layOut() {
  element("nodes").replaceChildren(
    ...start.nodes.map((node) => {
      const line = document.createElement("li");
      line.dataset.path = node.path;
      line.title = node.path;
      line.style.marginLeft = `${node.depth * STEP}rem`;
      line.append(made("span", "name", node.title), made("span", "status", ""));
      return line;
    }),
  );
}

function show() {
  due = false;
  const range = element("tick");
  const newest = ticks.length ? ticks[ticks.length - 1].tick : start.tick;
  range.min = ticks.length ? ticks[0].tick : start.tick;
  range.max = newest;
  if (element("live").checked) range.value = newest;
  const { statuses, values, last } = stateAt(Number(range.value));
  for (const line of element("nodes").children) {
    const status = statuses[line.dataset.path] || "IDLE";
    line.dataset.status = status;
    line.lastChild.textContent = status.toLowerCase();
    line.classList.toggle("changed", Boolean(last && line.dataset.path in last.statuses));
  }
  element("board").replaceChildren(
    ...Object.keys(values).sort().map((key) => {
      const row = document.createElement("tr");
      row.dataset.key = key;
      row.classList.toggle("changed", Boolean(last && key in last.values));
      row.append(made("td", "", key), made("td", "", values[key]));
      return row;
    }),
  );
  element("at").textContent = last ? `${last.tick} of ${newest}, at ${last.time} s` : "–";
}

// However fast ticks come, the page is drawn once for each picture of the screen.
function showSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(show);
}

function link(state) {
  element("link").dataset.state = state;
  element("link").textContent = state;
}

function watch(name) {
  if (source) source.close();
  start = { nodes: [], tick: 0, statuses: {}, values: {} };
  ticks = [];
  layOut();
  link("waiting");
  source = new EventSource(`${base}/events?tree=${encodeURIComponent(name)}`);
  source.onopen = () => link("connected");
  source.onerror = () => link("lost");
  source.addEventListener("tree", (event) => {
    start = JSON.parse(event.data);
    ticks = start.ticks;
    layOut();
    showSoon();
  });
  source.addEventListener("ticks", (event) => {
    ticks.push(...JSON.parse(event.data));
    for (const each of ticks.splice(0, Math.max(0, ticks.length - MOST))) add(each, start);
    showSoon();
  });
}

function step(by) {
  element("live").checked = false;
  element("tick").value = Number(element("tick").value) + by;
  showSoon();
}

async function begin() {
  const names = await (await fetch(`${base}/trees`)).json();
  element("trees").replaceChildren(...names.map((name) => made("option", "", name)));
  if (names.length) watch(names[0]);
  else link("no trees");
}

element("trees").addEventListener("change", (event) => watch(event.target.value));
element("tick").addEventListener("input", () => step(0));
element("back").addEventListener("click", () => step(-1));
element("on").addEventListener("click", () => step(1));
element("live").addEventListener("change", showSoon);
begin().catch(() => link("lost"));
