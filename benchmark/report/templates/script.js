"use strict";
// Text from results is only inserted through textContent, never as markup.

function element(tag, text, attributes) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  return node;
}

function alignment(steps, glue) {
  const nodes = [];
  for (const [kind, reference, hypothesis] of steps) {
    if (kind === "equal") nodes.push(document.createTextNode(reference));
    if (kind === "substitute" || kind === "delete") nodes.push(element("del", reference, { class: kind }));
    if (kind === "substitute" || kind === "insert") nodes.push(element("ins", hypothesis, { class: kind }));
    nodes.push(document.createTextNode(glue));
  }
  return nodes;
}

function pair(name, node) {
  const row = element("div", "", { class: "pair" });
  row.append(element("span", name), node);
  return row;
}

function utterance(item, cell) {
  const node = element("article", "", { class: "utterance" });
  const header = element("header");
  header.append(element("span", item.errors + (item.errors === 1 ? " error in " : " errors in ") + item.units + (cell.metric === "CER" ? " character" : " word") + (item.units === 1 ? "" : "s")));
  if (item.seconds !== null) header.append(element("span", item.seconds.toFixed(1) + " s"));
  if (item.speaker) header.append(element("span", "speaker " + item.speaker));
  header.append(element("code", item.uid));
  const text = { dir: "auto", lang: cell.language };
  const aligned = element("p", "", { ...text, class: "aligned" });
  aligned.append(...alignment(item.steps, cell.metric === "CER" ? "" : " "));
  node.append(
    header,
    pair("alignment", aligned),
    pair("reference", element("p", item.reference, text)),
    pair("hypothesis", element("p", item.hypothesis || "(empty)", text)),
  );
  return node;
}

function percent(fraction) {
  return fraction === null ? "?" : (100 * fraction).toFixed(1);
}

function showCell(cell) {
  const interval = cell.low === null || cell.high === null ? "[interval not known]"
    : "[" + percent(cell.low) + ", " + percent(cell.high) + "]";
  document.getElementById("cell-facts").textContent =
    cell.label + ", " + cell.language_name + ", seed " + cell.seed + ": " + cell.metric + " " +
    percent(cell.rate) + " % " + interval + ". The " + cell.utterances.length + " worst of " +
    cell.total + " utterances are shown.";
  document.getElementById("utterances").replaceChildren(
    ...cell.utterances.map((item) => utterance(item, cell)));
}

function setUpSample() {
  const data = document.getElementById("sample-data");
  if (!data) return;
  const cells = JSON.parse(data.textContent);
  const select = document.getElementById("cell-select");
  cells.forEach((cell, index) => {
    const name = cell.label + ", " + cell.language_name + " (" + percent(cell.rate) + " %)";
    select.append(element("option", name, { value: index }));
  });
  select.addEventListener("change", () => showCell(cells[select.value]));
  showCell(cells[0]);
}

function sortKey(row, column) {
  const cell = row.cells[column];
  const value = cell.dataset.value;
  return value === undefined ? cell.textContent.trim() : value === "" ? Infinity : Number(value);
}

function sortBy(table, column, ascending) {
  const body = table.tBodies[0];
  const sign = ascending ? 1 : -1;
  const rows = [...body.rows].map((row) => [sortKey(row, column), row]);
  rows.sort(([a], [b]) => {
    if (typeof a === "string") return sign * a.localeCompare(b, undefined, { numeric: true });
    if (a === b) return 0;
    if (a === Infinity) return 1;  // missing values stay last in both directions
    if (b === Infinity) return -1;
    return sign * (a - b);
  });
  body.append(...rows.map(([, row]) => row));
}

function setUpTable(table) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const button = element("button", header.textContent, { type: "button" });
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const ascending = header.getAttribute("aria-sort") !== "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sortBy(table, column, ascending);
    });
  });
}

function setUpFilter() {
  const input = document.getElementById("cell-filter");
  const rows = [...document.querySelectorAll("#cells-table tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const count = document.getElementById("cell-count");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = shown + " of " + rows.length + " cells";
  });
}

setUpSample();
document.querySelectorAll("table.sortable").forEach(setUpTable);
setUpFilter();
