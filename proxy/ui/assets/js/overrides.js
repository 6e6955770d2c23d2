// Repository, ref and root path in place of what a service's labels say, remembered in this browser.

import { byId, h } from "./dom.js";
import { store, stored, tenant } from "./rpc.js";

const FIELDS = [
  ["repositoryURL", "Repository", "https://github.com/OWNER/NAME", "service_repository"],
  ["ref", "Ref: commit, branch or tag", "HEAD", "service_git_ref"],
  ["rootPath", "Root path of the service in the repository", "", "service_root_path"],
];
const LONGEST = 2000;

const keyOf = (service) => `source:override:${tenant()}:${service}`;

/** What is set for a service: `{ repositoryURL, ref, rootPath }`, or `null`. */
export function overrideOf(service) {
  try {
    const found = JSON.parse(stored(keyOf(service)) ?? "null");
    if (!found || typeof found !== "object") return null;
    const fields = Object.fromEntries(FIELDS.map(([name]) => [name, typeof found[name] === "string" ? found[name] : ""]));
    return Object.values(fields).some(Boolean) ? fields : null;
  } catch {
    return null;
  }
}

/** Open the dialog; `done` is called when something has changed. */
export function editOverride(service, version, done) {
  const dialog = byId("override");
  const present = overrideOf(service);
  const labels = version?.labels ?? {};
  const save = (value) => {
    store(keyOf(service), value && JSON.stringify(value));
    dialog.close();
    done();
  };
  const form = h(
    "form",
    {
      method: "dialog",
      onsubmit: (event) => {
        event.preventDefault();
        const value = Object.fromEntries(FIELDS.map(([name]) => [name, form.elements[name].value.trim()]));
        save(Object.values(value).some(Boolean) ? value : null);
      },
    },
    h("h2", { id: "override-title" }, `Source of ${service || "this service"}`),
    h("p", { class: "muted" }, "In place of what the profile's labels say, for every version of this service, in this browser only. An empty field leaves the label."),
    ...FIELDS.map(([name, title, example, label]) => field(name, title, labels[name] || example, label, present?.[name])),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "submit", class: "button primary" }, "Use these"),
      present && h("button", { type: "button", class: "button", onclick: () => save(null) }, "Reset to labels"),
      h("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, "Cancel"),
    ),
  );
  dialog.replaceChildren(form);
  dialog.showModal();
}

function field(name, title, example, label, value) {
  const id = `override-${name}`;
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, title, h("code", { class: "muted" }, label)),
    h("input", { id, name, value: value || null, placeholder: example, maxlength: LONGEST, spellcheck: "false", autocomplete: "off" }),
  );
}
