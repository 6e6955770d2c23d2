// Elements without markup: whatever a profile, GitHub or a person wrote becomes text, never HTML.

const LONGEST_SHOWN = 300;
const LONGEST_TITLE = 20_000;

/** Make an element: attributes (`on…` are listeners, `class`, others as they are), then children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A text that may be of any length: cut for the eye; whole for the pointer, and for copying. */
export function cut(text, most = LONGEST_SHOWN) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export const titleOf = (text) => (text.length > LONGEST_TITLE ? `${text.slice(0, LONGEST_TITLE)}…` : text);

/** What a screen reader says next. */
export function announce(text) {
  byId("announce").textContent = text;
}

/** A button that copies a text and says so. */
export function copyButton(text, what) {
  const button = h("button", {
    type: "button",
    class: "copy",
    "aria-label": `Copy ${what}`,
    title: `Copy ${what}`,
    onclick: async () => {
      const done = await copied(text);
      button.dataset.done = done ? "yes" : "no";
      announce(done ? `Copied ${what}` : "The browser did not let the page copy");
    },
    onblur: () => delete button.dataset.done,
  });
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text);
  }
}

// The clipboard is only there over https and on this machine; this way is there everywhere.
function copiedTheOldWay(text) {
  const area = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  return done;
}

/** A link elsewhere; only to the web, whatever an address says. */
export function link(address, attributes, ...children) {
  const safe = /^https?:\/\//i.test(address);
  return safe
    ? h("a", { ...attributes, href: address, target: "_blank", rel: "noopener noreferrer" }, ...children)
    : h("span", attributes, ...children);
}
