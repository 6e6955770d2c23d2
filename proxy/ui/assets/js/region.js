// A part of the page that waits for something: loading, slow, failed and empty each have their look.

import { h } from "./dom.js";

const SLOW_AFTER = 4000;

export class Region {
  #element;
  #running = null;
  #slow = 0;

  /** `name` is what is waited for: "The profile". */
  constructor(element, name) {
    this.#element = element;
    this.name = name;
    element.classList.add("region");
  }

  /** Whether what is shown is what was asked for. */
  get isReady() {
    return this.#element.dataset.state === "ready";
  }

  /** Show what `load` gives, made into elements by `show` (`null`: it has seen to that itself).
   *
   * A later run ends an earlier one. `onFailure` may see to an error and say so by returning true;
   * others are shown, with a button for `retry`.
   */
  async run(load, show, { onFailure, retry } = {}) {
    this.wait();
    const running = (this.#running = new AbortController());
    try {
      const found = await load(running.signal);
      if (running.signal.aborted) return;
      const children = show(found);
      if (children !== null) this.ready(children);
    } catch (error) {
      if (running.signal.aborted) return;
      if (!onFailure?.(error)) this.fail(error, retry);
    }
  }

  /** What is shown is of no more use: the next wait begins empty. */
  forget() {
    this.#element.dataset.state = "";
  }

  /** Show that something is on its way: what is there stays, dimmed, so that nothing jumps. */
  wait() {
    this.#stop();
    this.#element.setAttribute("aria-busy", "true");
    if (!this.isReady) {
      const bars = Array.from({ length: 5 }, () => h("span"));
      this.#element.replaceChildren(h("div", { class: "bars", "aria-hidden": "true" }, ...bars));
      this.#element.dataset.state = "loading";
    }
    this.#slow = setTimeout(() => {
      const words = `${this.name} takes longer than usual. A shorter time range answers sooner.`;
      this.#element.prepend(h("p", { class: "slow", role: "status" }, words));
    }, SLOW_AFTER);
  }

  ready(children) {
    this.#fill("ready", ...[children].flat());
  }

  /** Say why there is nothing, and what to do. */
  empty(title, text) {
    this.#fill("empty", h("div", { class: "blank" }, h("p", { class: "blank-title" }, title), h("p", {}, text)));
  }

  fail(error, retry) {
    const again = retry && h("button", { type: "button", class: "button", onclick: retry }, "Try again");
    const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
    const title = h("p", { class: "blank-title" }, `${this.name} could not be loaded`);
    const words = h("p", {}, sentence(error.message || String(error)) + wait);
    this.#fill("failed", h("div", { class: "blank failed", role: "alert" }, title, words, again));
  }

  #stop() {
    this.#running?.abort();
    this.#running = null;
    clearTimeout(this.#slow);
    this.#element.querySelector(":scope > .slow")?.remove();
  }

  #fill(state, ...children) {
    this.#stop();
    this.#element.dataset.state = state;
    this.#element.setAttribute("aria-busy", "false");
    this.#element.replaceChildren(...children);
  }
}

// Errors are written to be joined to others; here each stands alone.
function sentence(text) {
  const begun = /^[a-z]+ /.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
