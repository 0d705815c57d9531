"use strict";
// The leaderboard: filtered and sorted combinations. Rows are created as they come into view.

const ROWS_AT_ONCE = 100;
const state = { language: "", machine: 0, size: Infinity, latency: Infinity, words: [], sort: "group", down: false };
let shown = [];
let drawn = 0;

const byId = (id) => document.getElementById(id);

function standing(row) {
  return state.language === "" ? row.e : row.L[state.language];
}
function timing(row) { return row.t[state.machine]; }
function cellOf(row) { return row.c[state.language === "" ? Object.keys(row.c)[0] : state.language]; }
function hrefOf(row) { return "cell.html#" + encodeURIComponent(cellOf(row)); }
function labelOf(row) { return row.l.join(", "); }

const COLUMNS = [
  { key: "group", title: "Group", value: (row) => rank(row), cell: groupCell },
  ...COMMON.axes.map((axis, i) => ({ key: axis, title: axis, value: (row) => row.l[i], cell: axisCell(i) })),
  { key: "rate", title: () => rateName() + ", % [95 %]", numeric: true, value: (row) => standing(row)?.[0], cell: rateCell },
  { key: "whisker", title: "", cell: whiskerCell },
  { key: "size", title: "File", numeric: true, value: (row) => row.s, cell: sizeCell },
  { key: "latency", title: "Latency, ms", numeric: true, value: (row) => timing(row)?.[0], cell: latencyCell },
  { key: "spread", title: "Worst \u2212 best", numeric: true, value: (row) => row.w, cell: (row) => element("td", { class: "n" }, percent(row.w)) },
  { key: "seeds", title: "Seeds", numeric: true, value: (row) => row.n, cell: seedsCell },
];

function rateName() {
  return state.language === "" ? COMMON.error_name : COMMON.languages[state.language].metric.toUpperCase();
}

// Within a group, rows are sorted by error rate. This order is not significant.
function rank(row) {
  const own = standing(row);
  return own ? (own[3] ?? 1e9) + Math.min(0.999, own[0] / 1e3) : undefined;
}

function groupCell(row) {
  if (row.k) return element("td", { title: COMMON.ceiling }, element("span", { class: "group" }, "ceiling"));
  const group = standing(row)?.[3];
  const mark = element("span", { class: group === 1 ? "group best" : "group" }, known(group) ? String(group) : "-");
  const why = Object.keys(row.L).length < COMMON.languages.length ? "not every language has a result" : "not usable: collapsed, or 95 % errors or more";
  return element("td", known(group) ? {} : { title: why }, mark);
}

function axisCell(i) {
  return (row) => i > 0 ? element("td", {}, row.l[i])
    : element("th", { scope: "row" }, cellOf(row) ? element("a", { href: hrefOf(row) }, row.l[i]) : row.l[i]);
}

function rateCell(row) {
  const own = standing(row);
  if (!own) return element("td", { class: "n" }, row.f ? row.f + " failed" : "");
  return element("td", { class: "n" }, element("b", {}, percent(own[0])), element("small", {}, interval(own[1], own[2])));
}

function whiskerCell(row) {
  const own = standing(row);
  const cell = element("td", { class: "whisker" });
  if (!own || !known(own[1])) return cell;
  const place = (value) => (100 * (value - scale.low) / (scale.high - scale.low || 1)).toFixed(2);
  cell.append(svg("svg", { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("line", { x1: place(own[1]), x2: place(own[2]), y1: 6, y2: 6 }),
    svg("line", { class: "rate", x1: place(own[0]), x2: place(own[0]), y1: 1, y2: 11 })));
  return cell;
}

function sizeCell(row) {
  return element("td", { class: "n" }, bytes(row.s), known(row.z) ? element("small", {}, percent(row.z) + " %") : null);
}

function latencyCell(row) {
  const own = timing(row);
  if (!own) return element("td", { class: "n" });
  const text = [known(own[1]) ? "p95 " + significant(own[1]) : "", known(own[2]) ? "\u00d7 " + own[2].toFixed(2) : ""].filter(Boolean).join(", ");
  return element("td", { class: "n" }, significant(own[0]), element("small", {}, text));
}

function seedsCell(row) {
  return element("td", { class: "n" }, String(row.n), row.f ? element("small", {}, row.f + " failed") : null);
}

let scale = { low: 0, high: 1 };

function fits(row) {
  if (state.language !== "" && !standing(row)) return false;
  if (state.size !== Infinity && !(row.s <= state.size)) return false;
  if (state.latency !== Infinity && !(timing(row)?.[0] <= state.latency)) return false;
  return state.words.every((word) => row.text.includes(word));
}

function compare(a, b) {
  if (a[0] === b[0] || (a[0] === undefined && b[0] === undefined)) return a[1].index - b[1].index;
  if (a[0] === undefined) return 1;  // missing values stay last in both directions
  if (b[0] === undefined) return -1;
  const order = typeof a[0] === "string" ? a[0].localeCompare(b[0], undefined, { numeric: true }) : a[0] - b[0];
  return state.down ? -order : order;
}

function update() {
  const value = COLUMNS.find((column) => column.key === state.sort).value;
  const left = BOARD.filter(fits);
  shown = left.map((row) => [value(row) ?? undefined, row]).sort(compare).map(([, row]) => row);
  scale = { low: Infinity, high: -Infinity };
  for (const row of left) {
    const own = standing(row);
    if (own && known(own[1])) {
      scale.low = Math.min(scale.low, own[1]);
      scale.high = Math.max(scale.high, own[2]);
    }
  }
  drawHead();
  drawn = 0;
  byId("board").tBodies[0].replaceChildren();
  drawRows();
  byId("count").textContent = left.length + " of " + BOARD.length + " combinations";
  plots(left);
}

function drawHead() {
  byId("board").tHead.replaceChildren(element("tr", {}, ...COLUMNS.map((column) => {
    const title = typeof column.title === "function" ? column.title() : column.title;
    const head = element("th", { scope: "col", ...(column.numeric ? { class: "n" } : {}) });
    if (!column.value) { head.append(element("span", { class: "hidden" }, "Interval drawn")); return head; }
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      state.down = state.sort === column.key && !state.down;
      state.sort = column.key;
      update();
      byId("board").tHead.querySelector("[aria-sort] button").focus();
    });
    if (state.sort === column.key) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    head.append(button);
    return head;
  })));
}

function drawRows() {
  const rows = shown.slice(drawn, drawn + ROWS_AT_ONCE).map((row) =>
    element("tr", standing(row)?.[3] === 1 ? { class: "tied" } : {}, ...COLUMNS.map((column) => column.cell(row))));
  byId("board").tBodies[0].append(...rows);
  drawn += rows.length;
  byId("more").hidden = drawn >= shown.length;
  byId("more").textContent = "Show more rows (" + (shown.length - drawn) + " left)";
}

function plots(left) {
  const points = (x) => left.filter((row) => standing(row) && known(x(row)) && x(row) > 0 && known(standing(row)[3]))
    .map((row) => ({ x: x(row), y: standing(row)[0], label: labelOf(row), href: hrefOf(row) }));
  const y = rateName() + ", %";
  drawPlot(byId("plot-size"), points((row) => row.s),
    { title: "Error rate and file size", x: "file size", y, tick: bytes, value: bytes });
  drawPlot(byId("plot-latency"), points((row) => timing(row)?.[0]),
    { title: "Error rate and latency", x: "latency, ms", y, tick: significant, value: (x) => significant(x) + " ms" });
}

function setUp() {
  BOARD.forEach((row, index) => { row.index = index; row.text = labelOf(row).toLowerCase(); });
  byId("language").append(element("option", { value: "" }, "all, averaged"),
    ...COMMON.languages.map((language, i) => element("option", { value: i }, language.name + " (" + language.id + ")")));
  byId("machine").append(...COMMON.machines.map((machine, i) => element("option", { value: i }, machine)));
  byId("machine-label").hidden = COMMON.machines.length < 2;
  const limit = (text, unit) => text === "" ? Infinity : Number(text) * unit;
  const listen = (id, take) => byId(id).addEventListener("input", (event) => { take(event.target.value); update(); });
  listen("language", (value) => { state.language = value; });
  listen("machine", (value) => { state.machine = Number(value); });
  listen("size", (value) => { state.size = limit(value, 1e6); });
  listen("latency", (value) => { state.latency = limit(value, 1); });
  listen("text", (value) => { state.words = value.toLowerCase().split(/\s+/).filter(Boolean); });
  byId("more").addEventListener("click", drawRows);
  new IntersectionObserver((entries) => { if (entries[0].isIntersecting && drawn < shown.length) drawRows(); })
    .observe(byId("more"));
  const region = document.querySelector(".board");
  region.addEventListener("scroll", () => {
    if (region.scrollTop + region.clientHeight > region.scrollHeight - 400 && drawn < shown.length) drawRows();
  });
  update();
}

setUp();
