"use strict";
// Scatter plots as inline SVG. A single path draws all points, so thousands of points are cheap.

const PLOT = { width: 520, height: 320, left: 46, right: 14, top: 12, bottom: 38 };

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function logTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      if (value >= low && value <= high) ticks.push(value);
    }
  }
  // Within one power of ten the scale is nearly linear.
  return ticks.length > 1 ? ticks : linearTicks(low, high);
}

function linearTicks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((digit) => digit * power >= rough) * power;
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) ticks.push(value);
  return ticks;
}

// points: {x, y, label, href}. Lower is better for both; x is positive, on a logarithmic axis.
function drawPlot(target, points, names) {
  if (!points.length) {
    target.replaceChildren(element("p", { class: "soft" }, "Nothing to plot: no filtered combination has both values."));
    return;
  }
  const { width, height, left, right, top, bottom } = PLOT;
  const xs = points.map((point) => point.x), ys = points.map((point) => point.y);
  const min = (values) => values.reduce((a, b) => Math.min(a, b));
  const max = (values) => values.reduce((a, b) => Math.max(a, b));
  const [x0, x1] = [min(xs) / 1.15, max(xs) * 1.15];
  const pad = Math.max(0.01, (max(ys) - min(ys)) * 0.08);
  const [y0, y1] = [Math.max(0, min(ys) - pad), max(ys) + pad];
  const px = (x) => left + (width - left - right) * Math.log(x / x0) / Math.log(x1 / x0);
  const py = (y) => height - bottom - (height - top - bottom) * (y - y0) / (y1 - y0);
  const at = (point) => px(point.x).toFixed(1) + " " + py(point.y).toFixed(1);
  const front = paretoFront(points);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": `${names.title}: ${points.length} combinations, ${front.length} of them on the front` });
  for (const tick of logTicks(x0, x1)) {
    drawing.append(
      svg("line", { class: "grid", x1: px(tick), x2: px(tick), y1: top, y2: height - bottom }),
      svg("text", { x: px(tick), y: height - bottom + 15, "text-anchor": "middle" }, names.tick(tick)));
  }
  for (const tick of linearTicks(y0, y1)) {
    drawing.append(
      svg("line", { class: "grid", x1: left, x2: width - right, y1: py(tick), y2: py(tick) }),
      svg("text", { x: left - 6, y: py(tick) + 4, "text-anchor": "end" }, (100 * tick).toFixed(0)));
  }
  drawing.append(
    svg("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, names.x),
    svg("text", { x: 12, y: height / 2 - 10, "text-anchor": "middle",
      transform: `rotate(-90 12 ${height / 2 - 10})` }, names.y),
    svg("path", { class: "points", d: points.map((point) => "M" + at(point) + "h0").join("") }),
    svg("path", { class: "front", d: front.map((point, i) =>
      (i ? "H" + px(point.x).toFixed(1) + "V" + py(point.y).toFixed(1) : "M" + at(point))).join("") }));
  for (const point of front) {
    const text = `${point.label}: ${percent(point.y)} %, ${names.value(point.x)}`;
    drawing.append(svg("a", { href: point.href, "aria-label": text },
      svg("circle", { cx: px(point.x), cy: py(point.y), r: 5 }, svg("title", {}, text))));
  }
  target.replaceChildren(drawing);
}
