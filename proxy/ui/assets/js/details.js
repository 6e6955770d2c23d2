// Function Details: one function, in the version that is chosen, line by line.

import { announce, byId, cut, h, titleOf } from "./dom.js";
import { explain } from "./explain.js";
import { mismatchNotice, missingNotices } from "./missing.js";
import { editOverride, overrideOf } from "./overrides.js";
import { splitName } from "./profile.js";
import { figures, properties } from "./properties.js";
import { Region } from "./region.js";
import { source } from "./rpc.js";
import { freshSession, session } from "./session.js";
import { sourceTable } from "./source.js";
import { rangeOf, selectorOf } from "./state.js";
import { formatValue, typeUnit } from "./units.js";

export class Details {
  #region = new Region(byId("details-body"), "The function");
  #app;
  #state = null;
  #response = null;
  #whole = false;
  #explained = false;

  /** `app` has `total()` of the profile, and hears `onVersion(version)` and `onTenant()` (one has to be named). */
  constructor(app) {
    this.#app = app;
  }

  /** Say what this place is for. */
  invite() {
    this.#state = null;
    byId("details-title").replaceChildren("Function Details");
    this.#region.empty("Choose a function", "Its lines appear here, with what each of them cost.");
  }

  /** Open the function of a state. */
  open(state, { focus = false } = {}) {
    const same = this.#state?.fn === state.fn;
    this.#state = state;
    if (!same) {
      this.#whole = false;
      this.#explained = false;
      this.#response = null;
      this.#region.forget();
    }
    const { where, what } = splitName(state.fn);
    byId("details-title").replaceChildren(
      h("span", { class: "what", title: titleOf(state.fn) }, cut(what || state.fn, 120)),
      " ",
      where && h("span", { class: "where" }, cut(where, 160)),
    );
    if (focus) byId("details").focus();
    return this.#load();
  }

  /** Show another version of what is there already. */
  chooseVersion(state) {
    this.#state = state;
    this.redraw();
  }

  /** Show what is there anew: what it is compared with has changed. */
  redraw() {
    if (this.#state && this.#response && this.#region.isReady && byId("details-body").ariaBusy !== "true") {
      this.#region.ready(this.#shown(this.#response));
    }
  }

  #load() {
    const state = this.#state;
    const load = async (signal) => {
      await freshSession();
      return source("GetFunctionDetails", this.#request(state), signal);
    };
    const show = (response) => {
      this.#response = response;
      return this.#shown(response);
    };
    return this.#region.run(load, show, { retry: () => this.#load(), onFailure: (error) => this.#absent(error) });
  }

  // Of very many versions only the largest come with their source; another one is asked for by itself.
  async #again(index) {
    const response = this.#response;
    const { labels, file = "", missing = [] } = response.versions[index];
    if (!labels?.ref || !missing.some(({ code }) => code === "resource_exhausted")) {
      await this.#load();
      return;
    }
    const load = async (signal) => {
      await freshSession();
      return source("GetFunctionDetails", { ...this.#request(this.#state), ref: labels.ref, file }, signal);
    };
    const show = ({ versions = [], missing: lacking }) => {
      const known = response.versions.map((each, i) => (i === index && versions.length ? versions[0] : each));
      this.#response = { versions: known, missing: lacking };
      return this.#shown(this.#response);
    };
    await this.#region.run(load, show, { retry: () => this.#load() });
  }

  #request(state) {
    const range = rangeOf(state, Date.now());
    const override = overrideOf(state.service) ?? {};
    return {
      profileTypeID: state.type,
      labelSelector: selectorOf(state.service),
      start: range.start,
      end: range.end,
      functionName: state.fn,
      overrideRepositoryURL: override.repositoryURL ?? "",
      overrideRef: override.ref ?? "",
      overrideRootPath: override.rootPath ?? "",
      wholeFile: this.#whole,
    };
  }

  #absent(error) {
    if (error.wantsTenant) {
      this.#app.onTenant();
      this.#region.empty("Which tenant?", "Profiles and sessions are kept apart by tenant here. Name yours above.");
      return true;
    }
    if (error.code !== "not_found") return false;
    this.#region.empty("Not in this profile", error.message);
    return true;
  }

  #index(versions) {
    const { version, file } = this.#state;
    const fits = (each) => (each.labels?.ref ?? "") === version;
    const exact = versions.findIndex((each) => fits(each) && (!file || each.file === file));
    return version && exact >= 0 ? exact : 0;
  }

  #shown(response) {
    const versions = response.versions ?? [];
    if (!versions.length) return [h("p", { class: "muted pad" }, "No version of this function is in the profile.")];
    const index = this.#index(versions);
    const version = { unit: typeUnit(this.#state.type), ...versions[index] };
    const edit = () => editOverride(this.#state.service, version, () => this.#load());
    const explanation = h("div", { id: "explanation", class: "explanation", hidden: !this.#explained });
    const toggle = this.#explainButton(explanation, version);
    const actions = { edit, retry: () => this.#again(index), explain: () => this.#explained || toggle.click() };
    if (this.#explained) explain(explanation, version);
    announce(`${splitName(version.functionName ?? "").what}: total ${formatValue(Number(version.total ?? 0), version.unit)}`);
    return [
      h("div", { class: "summary" }, figures(version, this.#app.total()), properties(versions, index, (chosen) => this.#chosen(versions, chosen))),
      ...missingNotices(response, version, actions),
      version.mismatch && mismatchNotice(version.mismatch, edit),
      h("div", { class: "bar" }, this.#found(version), toggle, this.#wholeButton(version), editButton(edit)),
      explanation,
      sourceTable(version),
      version.truncated && h("p", { class: "muted pad" }, "The file is too large to be shown whole; the rest is on GitHub."),
    ].filter(Boolean);
  }

  #found({ source: file, rule }) {
    if (!file) return h("span", { class: "muted" }, "Values from the profile");
    return h("span", { class: "found" }, h("code", { class: "long tail", title: titleOf(file.path ?? "") }, h("bdi", {}, cut(file.path ?? "", 200))), rule && h("span", { class: "chip" }, rule));
  }

  #chosen(versions, index) {
    const { labels, file = "" } = versions[index];
    const ref = labels?.ref ?? "";
    const ambiguous = versions.filter((each) => (each.labels?.ref ?? "") === ref).length > 1;
    this.#app.onVersion({ version: ref, file: ambiguous ? file : "" });
    byId("details-body").querySelector("select.version")?.focus();
  }

  #explainButton(explanation, version) {
    const possible = Boolean(version.repositoryURL) && session().connected;
    const button = h(
      "button",
      { type: "button", class: "button small", "aria-expanded": String(this.#explained), "aria-controls": "explanation", hidden: !possible },
      "How this file was found",
    );
    button.addEventListener("click", () => {
      this.#explained = !this.#explained;
      button.setAttribute("aria-expanded", String(this.#explained));
      explanation.hidden = !this.#explained;
      if (this.#explained) explain(explanation, version);
    });
    return button;
  }

  #wholeButton(version) {
    const toggle = () => {
      this.#whole = !this.#whole;
      this.#load().then(() => byId("whole-file")?.focus());
    };
    const attributes = { id: "whole-file", type: "button", class: "button small", "aria-pressed": String(this.#whole), hidden: !version.source, onclick: toggle };
    return h("button", attributes, "Whole file");
  }
}

function editButton(edit) {
  return h("button", { type: "button", class: "button small", id: "edit", onclick: edit }, "Edit repository");
}
