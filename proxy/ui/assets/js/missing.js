// What is missing of a version, why, and what to do about it.

import { h } from "./dom.js";
import { canConnect, connectLink, session } from "./session.js";

const TITLES = {
  session: "Connect to GitHub to see the source",
  source: "The source could not be shown",
  commit: "The commit could not be shown",
  labels: "The profile does not say where its source is",
  values: "The values may be too low",
  versions: "Not all versions are shown",
};
const PASSING = new Set(["unavailable", "deadline_exceeded", "resource_exhausted", "internal", "unknown"]);

/** One notice for each reason; `edit`, `retry` and `explain` are what a person may do. */
export function missingNotices(response, version, { edit, retry, explain }) {
  const all = [...(response.missing ?? []), ...(version.missing ?? [])];
  const noSession = all.find(({ what, code }) => what === "session" || code === "unauthenticated");
  const rest = all.filter((each) => !(noSession && (each.what === "session" || each.code === noSession.code)));
  return [
    noSession && sessionNotice(noSession),
    ...merged(rest).map((each) => notice(each, actionsFor(each, { edit, retry, explain }))),
  ].filter(Boolean);
}

/** The warning that a file cannot be the one that ran. */
export function mismatchNotice(mismatch, edit) {
  return h(
    "div",
    { class: "notice warn", role: "note" },
    h("p", {}, h("strong", {}, "This may not be the source that ran. "), mismatch),
    button("Set another version", edit),
  );
}

function sessionNotice({ message = "" }) {
  // Who has no session needs no explanation; whose session is refused does.
  const words = session().connected ? message : "Self and total of each line are below; GitHub shows the source to those who may read it.";
  const way = canConnect() ? connectLink() : h("p", { class: "muted" }, "The operator has not set up GitHub here.");
  return h("div", { class: "notice connect-notice" }, h("p", {}, h("strong", {}, TITLES.session), h("br"), words), way);
}

// A refusal that keeps both source and commit away is told once.
function merged(missing) {
  const found = new Map();
  for (const each of missing) {
    const known = found.get(each.message);
    if (!known || known.what === "commit") found.set(each.message, each);
  }
  return [...found.values()];
}

function actionsFor({ what, code }, { edit, retry, explain }) {
  if (what === "labels") return [button("Set repository", edit)];
  if (PASSING.has(code)) return what === "values" || what === "versions" ? [] : [button("Try again", retry)];
  if (what === "source") return [button("How it was looked for", explain), button("Set repository", edit)];
  return what === "commit" ? [button("Set another version", edit)] : [];
}

function notice({ what = "", message = "" }, actions) {
  const kind = what === "labels" || what === "values" || what === "versions" ? "notice" : "notice bad";
  return h("div", { class: kind, role: "note" }, h("p", {}, h("strong", {}, TITLES[what] ?? "Something is missing"), h("br"), message), ...actions);
}

function button(text, onclick) {
  return h("button", { type: "button", class: "button small", onclick }, text);
}
