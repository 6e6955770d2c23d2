// The table of a function's properties: where it is, in which repository, at which commit.

import { copyButton, cut, h, link, titleOf } from "./dom.js";
import { formatShare, formatValue } from "./units.js";

const SHORT = 8;

/** The head of a version: its numbers, large. */
export function figures(version, whole) {
  const figure = (name, value) =>
    h(
      "div",
      { class: "figure" },
      h("span", { class: "figure-name" }, name),
      h("strong", {}, formatValue(Number(value ?? 0), version.unit)),
      h("span", { class: "share" }, whole ? `${formatShare(Number(value ?? 0), whole)} of all` : "\u00a0"),
    );
  return h("div", { class: "figures" }, figure("Self", version.self), figure("Total", version.total));
}

/** The properties; `onVersion(index)` hears the choice among several versions. */
export function properties(versions, index, onVersion) {
  const version = versions[index];
  const file = version.file ?? "";
  const rows = [
    ["Function", text(version.functionName ?? "", "function name")],
    ["Start line", version.startLine ? startLine(version) : muted("not in the profile")],
    ["File", file ? text(file, "file path", "long tail") : muted("not in the profile")],
    ["Repository", repository(version)],
    ["Commit", commit(versions, index, onVersion)],
  ];
  return h("dl", { class: "properties" }, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

const muted = (words) => h("span", { class: "muted" }, words);

function text(value, what, kind = "long") {
  return h("span", { class: "copyable" }, h("code", { class: kind, title: titleOf(value) }, h("bdi", {}, cut(value))), copyButton(value, what));
}

function startLine({ startLine: line, source }) {
  return source?.URL ? link(`${source.URL}#L${line}`, {}, String(line)) : h("span", {}, String(line));
}

function repository({ repositoryURL = "", rootPath = "", source, labels = {} }) {
  if (!repositoryURL) return muted("not in the profile's labels");
  const page = source?.URL?.split("/blob/")[0] ?? "";
  const name = source?.repository || repositoryURL.replace(/^\w+:\/\/[^/]+\//, "").replace(/\.git$/, "");
  const changed = ["repositoryURL", "rootPath"].some((key) => ({ repositoryURL, rootPath })[key] !== (labels[key] ?? ""));
  return h(
    "span",
    { class: "inline" },
    link(page || repositoryURL, { class: "long", title: titleOf(repositoryURL) }, cut(name, 100)),
    rootPath && h("code", { class: "muted", title: "Root path" }, cut(rootPath, 100)),
    changed && h("span", { class: "chip" }, "overridden"),
  );
}

function commit(versions, index, onVersion) {
  const version = versions[index];
  return h(
    "span",
    { class: "commit" },
    h("span", { class: "inline" }, versions.length > 1 ? choice(versions, index, onVersion) : h("code", { title: titleOf(version.ref ?? "") }, refName(version)), overridden(version)),
    version.commit && commitLine(version.commit),
  );
}

const overridden = ({ ref = "", labels = {} }) => ref !== (labels.ref ?? "") && h("span", { class: "chip" }, "overridden");

function choice(versions, index, onVersion) {
  const whole = versions.reduce((sum, { total }) => sum + Number(total ?? 0), 0);
  const options = versions.map((version, i) =>
    h("option", { value: String(i), selected: i === index }, [labelled(version), formatShare(Number(version.total ?? 0), whole), differs(versions, i)].filter(Boolean).join(" · ")),
  );
  return h("select", { class: "version", "aria-label": "Version", onchange: (event) => onVersion(Number(event.target.value)) }, ...options);
}

const labelled = ({ labels, ref }) => shortRef(labels?.ref || ref || "") || "version not known";

// Two versions of one ref differ in the file that they are of.
function differs(versions, index) {
  const same = versions.filter(({ labels }) => (labels?.ref ?? "") === (versions[index].labels?.ref ?? ""));
  return same.length > 1 ? cut(versions[index].file ?? "", 60) : "";
}

const refName = ({ ref = "", commit: found }) => shortRef(ref) || (found ? `default branch, ${shortRef(found.sha)}` : "not in the profile's labels");

function shortRef(ref) {
  return /^[0-9a-f]{40}$/i.test(ref) ? ref.slice(0, SHORT) : cut(ref, 60);
}

function commitLine({ sha = "", message = "", authorLogin = "", authorAvatarURL = "", date = "", URL: page = "" }) {
  const subject = message.split("\n")[0];
  return h(
    "span",
    { class: "commit-line" },
    authorAvatarURL && h("img", { src: authorAvatarURL, alt: "", width: "18", height: "18", loading: "lazy", referrerpolicy: "no-referrer" }),
    link(page, { title: titleOf(message) }, cut(subject, 120) || sha.slice(0, SHORT)),
    h("span", { class: "muted" }, [authorLogin, day(date), subject && sha.slice(0, SHORT)].filter(Boolean).join(" · ")),
  );
}

function day(date) {
  const found = new Date(date);
  return Number.isNaN(found.getTime()) ? "" : found.toLocaleDateString(undefined, { dateStyle: "medium" });
}
