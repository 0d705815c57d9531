"use strict";
// The Pareto front, by the rule of benchmark/board/front.py: costs within one step of 1 % count as
// equal. Among equal costs, the point with the lowest error stays, then the one with the lowest cost.

function paretoFront(points) {
  const step = (point) => Math.round(Math.log(point.x) / Math.log(1.01));
  const front = [];
  let lowest = Infinity;
  for (const point of [...points].sort((a, b) => step(a) - step(b) || a.y - b.y || a.x - b.x)) {
    if (point.y < lowest) { front.push(point); lowest = point.y; }
  }
  return front;
}
