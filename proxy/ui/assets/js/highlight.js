// Colours of source: from highlight.js's tree of tokens, not from its HTML.

import hljs from "../vendor/highlight.js";
import { h } from "./dom.js";

const LANGUAGES = {
  c: "c", h: "cpp", cc: "cpp", cpp: "cpp", cxx: "cpp", hpp: "cpp", cs: "csharp", go: "go", groovy: "groovy", gradle: "groovy",
  java: "java", js: "javascript", cjs: "javascript", mjs: "javascript", jsx: "javascript", kt: "kotlin", kts: "kotlin",
  php: "php", py: "python", pyx: "python", rb: "ruby", rs: "rust", scala: "scala", sc: "scala",
  ts: "typescript", mts: "typescript", cts: "typescript", tsx: "typescript",
};
// Beyond this, colours are not worth the time that they take.
const LARGEST = 400_000;
const LONGEST_LINE = 2000;

/** The lines as lists of nodes, coloured where the language is known. */
export function colouredLines(lines, path) {
  const shown = lines.map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  const language = LANGUAGES[/\.([a-z]+)$/i.exec(path)?.[1].toLowerCase()];
  const text = shown.join("\n");
  if (!language || text.length > LARGEST) return shown.map((line) => [line]);
  try {
    const found = splitLines(hljs.highlight(text, { language, ignoreIllegals: true })._emitter.rootNode);
    if (found.length === shown.length) return found;
  } catch {
    // Plain text is as true as coloured text.
  }
  return shown.map((line) => [line]);
}

// A token may reach over several lines: it is opened anew on each.
function splitLines(root) {
  const lines = [[]];
  const walk = (node, classes) => {
    if (typeof node === "string") {
      node.split("\n").forEach((piece, i) => {
        if (i) lines.push([]);
        if (piece) lines.at(-1).push(classes ? h("span", { class: classes }, piece) : piece);
      });
      return;
    }
    const own = node.scope ? `t-${node.scope.replaceAll(".", " t-").replaceAll("_", "")}` : classes;
    for (const child of node.children) walk(child, own);
  };
  walk(root, "");
  return lines;
}
