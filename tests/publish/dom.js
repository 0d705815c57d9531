// Just enough of a browser to run cell.js: node dom.js TEMPLATES ROW prints the text of the page.
const fs = require("fs");
const vm = require("vm");

class Node {
  constructor() { this.children = []; this.attributes = {}; this.textContent = ""; }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  addEventListener() {}
  get title() { return this.attributes.title; }
  text() {
    const inside = this.children.map((child) => (child instanceof Node ? child.text() : String(child)));
    return [this.textContent, ...Object.values(this.attributes), ...inside].join(" ");
  }
}

const [templates, row] = [process.argv[2], JSON.parse(process.argv[3])];
const page = {};
const world = {
  Node, TextEncoder, addEventListener() {}, location: { hash: "#" + row.cell },
  document: {
    createElement: () => new Node(), head: new Node(),
    getElementById: (id) => (page[id] ??= new Node()),
  },
  COMMON: { axes: ["method", "compression"], languages: [], members: { method: {}, runtime: {} },
    common: {}, disjoint: {}, columns: {}, sources: [], shards: 1 },
};
world.window = world;
vm.createContext(world);
const read = (name) => fs.readFileSync(templates + "/" + name, "utf8");
const cell = JSON.stringify({ row, siblings: [[row.cell, row.language, 0, null]], worst: [] });
vm.runInContext(read("elements.js") + read("cell.js").replace(/load\(\);\s*$/, "") +
  `window.SHARD[0] = { [${JSON.stringify(row.cell)}]: ${cell} }; show();`, world);
console.log(["title", "lead", "content"].map((id) => page[id].text()).join("\n"));
