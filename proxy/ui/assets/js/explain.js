// How a file was found, step by step, or why not.

import { h, link } from "./dom.js";
import { Region } from "./region.js";
import { source } from "./rpc.js";
import { freshSession } from "./session.js";

const OUTCOMES = {
  OUTCOME_FOUND: ["found", "Found"],
  OUTCOME_ABSENT: ["absent", "Not there"],
  OUTCOME_UNKNOWN: ["unknown", "Not known"],
  OUTCOME_NOTE: ["note", "Note"],
  OUTCOME_FAILED: ["bad", "Failed"],
};

/** Fill an element with the explanation of a version's file. */
export function explain(element, version) {
  const region = new Region(element, "The explanation");
  const request = {
    repositoryURL: version.repositoryURL ?? "",
    ref: version.ref ?? "",
    rootPath: version.rootPath ?? "",
    localPath: version.file ?? "",
    functionName: version.functionName ?? "",
    startLine: version.startLine ?? 0,
  };
  const load = async (signal) => {
    await freshSession();
    return source("ExplainFile", request, signal);
  };
  return region.run(load, shown, { retry: () => explain(element, version) });
}

function shown(answer) {
  const { steps = [], notes = [] } = answer;
  const cost = `${answer.githubCalls ?? 0} calls to GitHub, ${(answer.milliseconds ?? 0).toFixed(0)} ms`;
  return [
    h("p", { class: "verdict" }, verdict(answer)),
    ...notes.map((note) => h("p", { class: "hint" }, note)),
    h("ol", { class: "steps" }, ...steps.filter((step) => step.outcome !== "OUTCOME_NOTE").map(stepItem)),
    h("p", { class: "muted cost" }, cost),
  ];
}

function verdict({ found, rule, file, language, reason, error }) {
  if (found) {
    const path = h("code", {}, file?.path ?? "");
    return h("span", {}, "Found by the rule ", h("strong", {}, rule ?? ""), ` (${language ?? "other"}): `, file?.URL ? link(file.URL, {}, path) : path);
  }
  return error?.message || reason || "Nothing was found.";
}

function stepItem({ rule = "", question = "", answer = "", outcome = "", githubCalls = 0 }) {
  const [kind, word] = OUTCOMES[outcome] ?? ["unknown", "?"];
  return h(
    "li",
    { class: `step ${kind}` },
    h("span", { class: "outcome" }, word),
    h("span", { class: "question" }, question),
    h("span", { class: "answer" }, answer, h("span", { class: "rule" }, [rule, githubCalls && `${githubCalls} calls`].filter(Boolean).join(", "))),
  );
}
