// The flame graph, drawn by d3-flame-graph; the table of functions says the same to those who cannot see it.

import { byId, cut, h } from "./dom.js";
import { OTHER, drawable, splitName } from "./profile.js";
import { formatShare, formatValue } from "./units.js";
import { flamegraph, select } from "../vendor/flamegraph.js";

const ROW = 19;
const SMALLEST = 1.2; // pixels
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Flame {
  #onPick;
  #place = null;
  #chart = null;
  #chosen = "";
  #filter = "";
  #total = 0;
  #unit = "";
  #watch = new ResizeObserver(() => this.#resize());

  /** `onPick(name)` hears which function a person chose. */
  constructor(onPick) {
    this.#onPick = onPick;
    byId("reset-zoom").addEventListener("click", () => {
      this.#chart?.resetZoom();
      byId("reset-zoom").hidden = true;
      byId("flame").querySelector(".flame-scroll")?.focus();
    });
  }

  /** The graph of a tree; it is drawn as soon as it has a place. */
  graph({ root, total }, unit, chosen) {
    this.#total = total;
    this.#unit = unit;
    this.#chosen = chosen;
    byId("reset-zoom").hidden = true;
    const most = root.children.toSorted((a, b) => b.value - a.value).slice(0, 1).map(({ name }) => splitName(name).what);
    const label = `Flame graph of ${formatValue(total, unit)}, mostly ${cut(most[0] ?? "nothing", 80)}. The table of functions has the same numbers.`;
    const place = h("div", { class: "flame-graph", role: "img", "aria-label": label });
    this.#watch.disconnect();
    this.#place = place;
    this.#chart = null;
    this.#watch.observe(place);
    place.tree = drawable(root);
    return h("div", { class: "flame-scroll", tabindex: "0", role: "region", "aria-label": "Flame graph, scrollable" }, place);
  }

  /** Mark the frames of the open function. */
  choose(name) {
    this.#chosen = name;
    this.#chart?.update();
  }

  /** Let frames stand out whose name has a text in it. */
  highlight(text) {
    this.#filter = text;
    this.#chart?.update();
  }

  #resize() {
    const width = Math.floor(this.#place?.clientWidth ?? 0);
    if (!width) return;
    if (!this.#chart) this.#draw(width);
    else if (this.#chart.width() !== width) this.#chart.width(width).update();
  }

  #draw(width) {
    this.#chart = flamegraph()
      .width(width)
      .cellHeight(ROW)
      .minFrameSize(SMALLEST)
      .inverted(true)
      .sort((a, b) => b.data.value - a.data.value)
      .resetHeightOnZoom(false)
      .transitionDuration(still() ? 0 : 250)
      .getName((node) => splitName(cut(node.data.name)).what || "(no name)")
      .setLabelHandler((node) => this.#words(node.data))
      .setDetailsHandler((words) => (byId("readout").textContent = words ?? ""))
      .setColorMapper((node) => this.#colour(node.data))
      .onClick((node) => this.#clicked(node));
    select(this.#place).datum(this.#place.tree).call(this.#chart);
  }

  #clicked(node) {
    byId("reset-zoom").hidden = !node.parent;
    if (node.parent && node.data.name !== OTHER) this.#onPick(node.data.name);
  }

  #words({ name, value, self }) {
    const numbers = [["total", value], ["self", self]]
      .map(([kind, number]) => `${kind} ${formatValue(number, this.#unit)} (${formatShare(number, this.#total) || "0 %"})`)
      .join(", ");
    return `${cut(name, 2000)} — ${numbers}`;
  }

  #colour({ name }) {
    if (name === this.#chosen && name) return "var(--frame-chosen)";
    if (this.#filter) return name.toLowerCase().includes(this.#filter) ? "var(--frame-hit)" : "var(--frame-plain)";
    if (name === OTHER || name === "total") return "var(--frame-plain)";
    return `var(--frame-${hash(packageOf(cut(name))) % 8})`;
  }
}

function packageOf(name) {
  const { where, what } = splitName(name);
  return where + what.split(".")[0];
}

// The same package always has the same colour.
function hash(text) {
  let found = 7;
  for (const character of text.slice(0, 200)) found = (found * 31 + character.codePointAt(0)) >>> 0;
  return found;
}
