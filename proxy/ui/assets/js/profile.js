// A flame graph as Pyroscope sends it: as a tree to draw, and as functions with self and total. Pure.
//
// A level has four numbers for each node, from left to right: the gap to the node before it, its total, its
// self, the index of its name. https://github.com/grafana/pyroscope/blob/main/api/querier/v1/querier.proto

/** The node in which Pyroscope gathers what is too small to be sent on its own. */
export const OTHER = "other";
// The component that draws goes down a tree by recursion, for which browsers have only so much room.
const DEEPEST_DRAWN = 1000;

/** Read an answer: `{ root, functions, total }`; `root` is null for a profile without samples. */
export function readFlameGraph(flamegraph) {
  const root = treeOf(flamegraph?.names ?? [], flamegraph?.levels ?? []);
  return root?.value ? { root, functions: functionsOf(root), total: root.value } : { root: null, functions: [], total: 0 };
}

function treeOf(names, levels) {
  let above = null;
  let root = null;
  for (const { values = [] } of levels) {
    const row = rowOf(values.map(Number), names, above);
    if (row.length === 0) break;
    root ??= row[0];
    above = row;
  }
  return root;
}

function rowOf(values, names, above) {
  const row = [];
  let at = 0;
  let parent = 0;
  for (let i = 0; i + 3 < values.length; i += 4) {
    const [gap, value, self, name] = values.slice(i, i + 4);
    const start = at + gap;
    at = start + value;
    const node = { name: String(names[name] ?? ""), value, self, start, children: [] };
    if (above) {
      while (parent < above.length && above[parent].start + above[parent].value <= start) parent += 1;
      // Under no node: the answer contradicts itself there, and the rest of it is still good.
      if (parent === above.length || above[parent].start > start) continue;
      above[parent].children.push(node);
    }
    row.push(node);
  }
  return row;
}

// A function's total counts each stack once, however often the function stands on it.
function functionsOf(root) {
  const found = new Map();
  const open = new Map();
  const waiting = [[root, false]];
  while (waiting.length) {
    const [node, leaving] = waiting.pop();
    const times = open.get(node.name) ?? 0;
    open.set(node.name, leaving ? times - 1 : times + 1);
    if (leaving) continue;
    if (node !== root && node.name !== OTHER) count(found, node, times === 0);
    waiting.push([node, true], ...node.children.map((child) => [child, false]));
  }
  return [...found.values()];
}

function count(found, node, first) {
  const entry = found.get(node.name) ?? { name: node.name, self: 0, total: 0 };
  entry.self += node.self;
  if (first) entry.total += node.value;
  found.set(node.name, entry);
}

/** A copy of a tree for the component that draws it, which writes into its data. */
export function drawable(root) {
  const top = { name: root.name, value: root.value, self: root.self, children: [] };
  const waiting = [[root, top, 1]];
  while (waiting.length) {
    const [node, copy, depth] = waiting.pop();
    for (const child of depth < DEEPEST_DRAWN ? node.children : []) {
      const below = { name: child.name, value: child.value, self: child.self, children: [] };
      copy.children.push(below);
      waiting.push([child, below, depth + 1]);
    }
  }
  return top;
}

/** A function's name in two: where it is, and what it is called there. */
export function splitName(name) {
  // Beyond this no name is one, and what follows would only cost time.
  const at = name.length > 2000 ? -1 : name.replace(/[<([{].*$/s, "").lastIndexOf("/");
  return { where: name.slice(0, at + 1), what: name.slice(at + 1) };
}
