"use strict";
// One cell, from its data shard. A page opened from disk may not fetch files, but it may load
// scripts, so shards are scripts.

const cellId = () => decodeURIComponent(location.hash.slice(1));
window.SHARD = {};

function load() {
  const number = shardOf(cellId());
  if (window.SHARD[number]) { show(); return; }
  const script = element("script", { src: "data/cells/" + number + ".js" });
  script.addEventListener("load", show);
  script.addEventListener("error", show);
  document.head.append(script);
}

// Older results may lack a value; it is shown as "not recorded".
function recorded(value, text = String) {
  return value === null || value === undefined || value === "" ? "not recorded" : text(value);
}

function table(pairs) {
  return element("dl", { class: "tree" }, ...pairs.flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value instanceof Node ? value : recorded(value))]));
}

function tree(value) {
  if (value === null) return "none";
  if (value === undefined) return "not recorded";
  if (Array.isArray(value)) {
    const plain = value.every((item) => item === null || typeof item !== "object");
    return plain ? value.join(", ") || "none" : element("div", {}, ...value.map(tree));
  }
  return typeof value === "object" ? table(Object.entries(value).map(([k, v]) => [k, tree(v)])) : String(value);
}

function section(title, ...nodes) {
  return [element("h2", {}, title), ...nodes];
}

function utterance([uid, errors, length, reference, hypothesis], row) {
  const unit = (row.metric === "cer" ? " character" : " word") + (length === 1 ? "" : "s");
  const text = { dir: "auto", lang: row.language };
  const line = (name, words) => element("div", { class: "pair" }, element("span", {}, name), element("p", text, words || "(empty)"));
  return element("article", { class: "utterance" },
    element("header", {}, element("span", {}, errors + (errors === 1 ? " error in " : " errors in ") + length + unit), element("code", {}, uid)),
    line("reference", reference), line("hypothesis", hypothesis));
}

function siblings(cell) {
  return element("ul", { class: "siblings" }, ...cell.siblings.map(([id, language, seed, rate]) =>
    element("li", {}, element("a", { href: "#" + encodeURIComponent(id), ...(id === cellId() ? { "aria-current": "page" } : {}) },
      language + ", seed " + seed + ": " + (known(rate) ? percent(rate) + " %" : "no result")))));
}

function settings(row) {
  const { settings: chosen = {}, ...tuned } = row.tuned || {};
  const members = Object.entries(COMMON.members).map(([axis, labels]) => [axis, tree(chosen[axis] || labels[row[axis]] || row[axis])]);
  return [...members, ...(row.tuned ? [["tuned", tree(tuned)]] : []), ...Object.entries(COMMON.common).map(([name, value]) => [name, tree(value)]),
    ["disjoint in", tree(COMMON.disjoint[row.language])]];
}

const SHOWN = [
  ["wer", percent, " %"], ["cer", percent, " %"], ["n_utterances", String, ""], ["n_words", String, ""],
  ["blank_fraction", percent, " %"], ["deletion_rate", percent, " %"], ["size_bytes", bytes, ""],
  ["size_ratio", percent, " %"], ["parameters", String, ""], ["nonzero_parameters", String, ""],
  ["latency_p50_ms", significant, " ms"], ["latency_p95_ms", significant, " ms"], ["latency_ratio", significant, ""],
  ["rtfx", significant, ""], ["peak_memory_bytes", bytes, ""], ["meta_train_seconds", significant, " s"],
  ["adapt_seconds", significant, " s"], ["gradients_spent", String, ""], ["shared_speakers", percent, " %"],
  ["shared_texts", percent, " %"],
];

function measured(row) {
  return SHOWN.filter(([name]) => known(row[name])).map(([name, write, unit]) => {
    const [low, high] = [row[name + "_low"], row[name + "_high"]];
    const text = write(row[name]) + unit + (known(low) && known(high) ? " [" + write(low) + ", " + write(high) + "]" : "");
    return [element("span", { title: COMMON.columns[name] || name }, name), text];
  }).map(([name, text]) => [name.textContent + ": " + name.title, text]);
}

function show() {
  const cell = (window.SHARD[shardOf(cellId())] || {})[cellId()];
  const id = (name) => document.getElementById(name);
  id("cell-id").textContent = "Cell " + cellId();
  if (!cell) {
    id("title").textContent = "Not on this board";
    id("lead").textContent = "This board has no cell with this name.";
    id("content").replaceChildren();
    return;
  }
  const row = cell.row;
  id("title").textContent = COMMON.axes.map((axis) => valueLabel(axis, row[axis])).join(", ");
  id("lead").textContent = (row.language_name || row.language) + ", " + recorded(row.shots) + " shots, seed " + recorded(row.seed) + ": " +
    (known(row.error_rate) ? (row.metric || "wer").toUpperCase() + " " + percent(row.error_rate) + " % " + interval(row.error_rate_low, row.error_rate_high)
      : recorded(row.status) + (row.error ? ", " + row.error : ""));
  document.title = id("title").textContent;
  const source = COMMON.sources[row.source] || {};
  id("content").replaceChildren(
    ...section("This combination", siblings(cell)),
    ...section("Measured", table(measured(row))),
    ...(cell.worst.length ? section("Worst utterances", element("div", { class: "scroll" }, ...cell.worst.map((item) => utterance(item, row)))) : []),
    ...section("Reproduce", element("p", {}, "With the benchmark installed, in the folder of leaderboard.json of this site" +
        (source.revision ? " (" + source.revision + ")" : "") + ":"),
      element("pre", {}, "python -m benchmark reproduce " + cellId() + " --from leaderboard.json")),
    ...section("Settings", table(settings(row))),
    ...section("Provenance", table([
      ["run", row.created || source.created], ["machine", row.machine], ["code", source.revision || "not recorded"],
      ["speech", (row.synthetic ? "synthetic, " : "") + "digest " + recorded(row.corpus)], ["normaliser", row.normaliser],
      ["quality key", row.quality_key || "none"], ["hypotheses", row.hypotheses || "none"],
      ["stages", tree(row.lineage)], ["versions", tree(source.versions)], ["command of the run", source.command]])));
}

addEventListener("hashchange", load);
load();
