// The functions of a profile as a table: the flame graph for everyone, and the way to each function.

import { announce, byId, cut, h, titleOf } from "./dom.js";
import { splitName } from "./profile.js";
import { formatShare, formatValue } from "./units.js";

const STEP = 50;
const COLUMNS = [
  ["name", "Function"],
  ["self", "Self"],
  ["total", "Total"],
];

export class Functions {
  #onPick;
  #functions = [];
  #total = 0;
  #unit = "";
  #sort = { by: "self", down: true };
  #shown = STEP;
  #chosen = "";
  #body = h("tbody");
  #more = h("button", { type: "button", class: "button small more", onclick: () => this.#showMore() });
  #heads = new Map();

  /** `onPick(name)` hears which function a person chose. */
  constructor(onPick) {
    this.#onPick = onPick;
    byId("filter").addEventListener("input", () => {
      this.#shown = STEP;
      this.#draw();
    });
  }

  get filter() {
    return byId("filter").value.trim().toLowerCase();
  }

  /** The table for a profile; `chosen` is the function that is open. */
  table({ functions, total }, unit, chosen) {
    this.#functions = functions;
    this.#total = total;
    this.#unit = unit;
    this.#chosen = chosen;
    this.#shown = STEP;
    const head = h("thead", {}, h("tr", {}, ...COLUMNS.map(([by, name]) => this.#head(by, name))));
    this.#draw();
    const table = h("table", { class: "functions-table" }, h("caption", { class: "unseen" }, "Functions with self and total"), head, this.#body);
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of functions" }, table, this.#more);
  }

  /** Mark the function that is open. */
  choose(name) {
    this.#chosen = name;
    for (const button of this.#body.querySelectorAll("button")) this.#mark(button);
  }

  /** Put the keyboard on the row of the open function. */
  focus() {
    const button = this.#body.querySelector('[aria-current="true"]') ?? this.#body.querySelector("button");
    (button ?? byId("functions")).focus();
  }

  #head(by, name) {
    const button = h("button", { type: "button", class: "sort", onclick: () => this.#sortBy(by) }, name, h("span", { class: "arrow", "aria-hidden": "true" }));
    const head = h("th", { scope: "col", class: by === "name" ? "" : "number", "aria-sort": "none" }, button);
    this.#heads.set(by, head);
    return head;
  }

  #sortBy(by) {
    this.#sort = { by, down: this.#sort.by === by ? !this.#sort.down : by !== "name" };
    this.#shown = STEP;
    this.#draw();
    announce(`Sorted by ${by}, ${this.#sort.down ? "largest" : "smallest"} first`);
  }

  #showMore() {
    const first = this.#shown;
    this.#shown += STEP * 4;
    this.#draw();
    this.#body.rows[first]?.querySelector("button")?.focus();
  }

  #sorted() {
    const { by, down } = this.#sort;
    const wanted = this.filter;
    const found = wanted ? this.#functions.filter(({ name }) => name.toLowerCase().includes(wanted)) : this.#functions;
    const order = (a, b) => (by === "name" ? a.name.localeCompare(b.name) : a[by] - b[by] || a.total - b.total);
    return found.toSorted((a, b) => (down ? -1 : 1) * order(a, b) || a.name.localeCompare(b.name));
  }

  #draw() {
    for (const [by, head] of this.#heads) {
      head.setAttribute("aria-sort", by !== this.#sort.by ? "none" : this.#sort.down ? "descending" : "ascending");
    }
    const found = this.#sorted();
    const most = this.#functions.reduce((found, { self }) => Math.max(found, Math.abs(self)), 1);
    this.#body.replaceChildren(...found.slice(0, this.#shown).map((each) => this.#row(each, most)));
    if (!found.length) {
      this.#body.append(h("tr", {}, h("td", { colspan: "3", class: "muted none" }, "No function has this in its name.")));
    }
    this.#more.hidden = found.length <= this.#shown;
    this.#more.textContent = `Show more of ${found.length}`;
  }

  #row({ name, self, total }, most) {
    const { where, what } = splitName(name);
    const button = h(
      "button",
      { type: "button", class: "function", title: titleOf(name), onclick: () => this.#onPick(name) },
      h("span", { class: "what" }, cut(what || name) || "(no name)"),
      " ",
      where && h("span", { class: "where" }, cut(where)),
    );
    this.#mark(button, name);
    const row = h("tr", { onclick: (event) => event.target.closest("button") ?? this.#onPick(name) }, h("th", { scope: "row" }, button), this.#number(self), this.#number(total));
    row.style.setProperty("--share-self", String(Math.min(1, Math.abs(self) / most)));
    row.style.setProperty("--share-total", String(this.#total ? Math.min(1, Math.abs(total) / this.#total) : 0));
    return row;
  }

  #mark(button, name) {
    if (name !== undefined) button.functionName = name;
    if (button.functionName === this.#chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }

  #number(value) {
    return h(
      "td",
      { class: "number" },
      h("span", { class: "value" }, formatValue(value, this.#unit)),
      h("span", { class: "share" }, formatShare(value, this.#total)),
    );
  }
}
