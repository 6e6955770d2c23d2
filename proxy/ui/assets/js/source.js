// The breakdown: each line with self and total, as numbers and as heat, beside its source.

import { h, link } from "./dom.js";
import { colouredLines } from "./highlight.js";
import { formatShare, formatValue } from "./units.js";

const MOST_ROWS = 6000;

/** The table of a version; also without source, as far as values are known. */
export function sourceTable(version) {
  const lines = version.text ?? [];
  const first = Number(version.firstLine ?? 0);
  const values = new Map((version.lines ?? []).map((each) => [Number(each.line ?? 0), { self: Number(each.self ?? 0), total: Number(each.total ?? 0) }]));
  const shown = lines.slice(0, MOST_ROWS);
  const rows = rowsOf(shown, first, values);
  const hottest = Math.max(1, ...[...values.values()].map(({ total }) => Math.abs(total)));
  const context = { version, values, hottest, code: colouredLines(shown, version.source?.path ?? version.file ?? "") };
  const table = h(
    "table",
    { class: lines.length ? "source" : "source bare" },
    h("caption", { class: "unseen" }, "Breakdown per line: self and total beside the source"),
    h("thead", {}, h("tr", {}, head("Line", "number"), head("Self", "number"), head("Total", "number"), head("Source", ""))),
    h("tbody", {}, ...rows.map((row) => lineRow(row, context))),
  );
  const cut = lines.length > MOST_ROWS && h("p", { class: "muted pad" }, `The first ${MOST_ROWS} lines are shown; the rest is on GitHub.`);
  return h("div", { class: "scroll source-scroll", tabindex: "0", role: "region", "aria-label": "Breakdown per line" }, table, cut);
}

const head = (name, kind) => h("th", { scope: "col", class: kind }, name);

// Sampled lines that the excerpt does not have stand where they belong, after a gap.
function rowsOf(lines, first, values) {
  const within = (line) => line >= first && line < first + lines.length;
  const outside = [...values.keys()].filter((line) => !within(line)).sort((a, b) => a - b);
  const before = outside.filter((line) => line < first).map((line) => ({ line }));
  const after = outside.filter((line) => line >= first).map((line) => ({ line }));
  const excerpt = lines.map((_, i) => ({ line: first + i, index: i }));
  const gap = (there) => (there.length && excerpt.length ? [{ gap: true }] : []);
  return [...before, ...gap(before), ...excerpt, ...gap(after), ...after];
}

function lineRow(row, { version, values, hottest, code }) {
  if (row.gap) return h("tr", { class: "gap" }, h("td", { colspan: "4" }, "⋯"));
  const value = values.get(row.line);
  const whole = Number(version.total ?? 0);
  const name = row.line || "?";
  const address = row.line && version.source?.URL ? `${version.source.URL}#L${row.line}` : "";
  const number = address ? link(address, { "aria-label": `Line ${row.line} on GitHub` }, String(name)) : String(name);
  const element = h(
    "tr",
    { class: [value && "sampled", row.line === Number(version.startLine) && "start"].filter(Boolean).join(" ") || null },
    h("th", { scope: "row", class: "number line" }, number),
    cell(value?.self, version.unit, whole),
    cell(value?.total, version.unit, whole),
    h("td", { class: "code" }, h("code", {}, ...(row.index === undefined ? [h("span", { class: "muted" }, row.line ? "not in the file that was found" : "line not known")] : code[row.index]))),
  );
  if (row.index === undefined && !(version.text ?? []).length) element.querySelector(".code").replaceChildren();
  if (value) {
    element.style.setProperty("--heat-total", heat(value.total / hottest));
    element.style.setProperty("--heat-self", heat(value.self / hottest));
  }
  return element;
}

function cell(value, unit, whole) {
  if (!value) return h("td", { class: "number" }, value === 0 ? h("span", { class: "zero" }, "·") : null);
  return h(
    "td",
    { class: "number", title: `${formatShare(value, whole)} of the function` },
    formatValue(value, unit),
  );
}

// A tenth of the hottest line is to be seen, too.
const heat = (share) => (share > 0 ? Math.sqrt(Math.min(1, share)) : 0).toFixed(3);
