"use strict";
// Text from results is only inserted through textContent and setAttribute, never as markup.

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const known = (value) => Number.isFinite(value);

// The same labels as in benchmark/text/labels.py.
function valueLabel(axis, value) {
  return axis === "compression" && value === "none" ? "uncompressed" : value || "default";
}

function percent(fraction) {
  return known(fraction) ? (100 * fraction).toFixed(1) : "";
}

function interval(low, high) {
  return known(low) && known(high) ? "[" + percent(low) + ", " + percent(high) + "]" : "[interval not known]";
}

function bytes(size) {
  if (!known(size)) return "";
  for (const [unit, scale] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (size >= scale) return significant(size / scale) + " " + unit;
  }
  return size.toFixed(0) + " B";
}

function significant(value) {
  if (!known(value)) return "";
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

// FNV-1a, as benchmark/publish/shards.py computes it.
function shardOf(cell) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(cell)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % COMMON.shards;
}
