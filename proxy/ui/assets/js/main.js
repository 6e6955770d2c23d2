// The page: what is chosen, what is loaded for it, and the address that says so.

import { byId } from "./dom.js";
import { Details } from "./details.js";
import { Flame } from "./flame.js";
import { Functions } from "./functions.js";
import { readFlameGraph, splitName } from "./profile.js";
import { Region } from "./region.js";
import { querier, store, stored } from "./rpc.js";
import { openSession, queryFromBefore, show as showSession } from "./session.js";
import { rangeOf, readState, selectorOf, writeState } from "./state.js";
import { Toolbar } from "./toolbar.js";
import { formatValue, typeUnit } from "./units.js";

const MAX_NODES = 8192;

const toolbar = new Toolbar(change);
const functions = new Functions((name) => pick(name, { focus: true }));
const flame = new Flame((name) => pick(name));
const details = new Details({ total: () => profile.total, onVersion: chooseVersion, onTenant: () => toolbar.askTenant(true) });
const flameRegion = new Region(byId("flame"), "The profile");
const tableRegion = new Region(byId("table"), "The profile");
let state = readState(queryFromBefore() || location.search);
let profile = { total: 0, functions: [], root: null };

/** Take a change of the state into the address and onto the page. */
function go(next, { replace = false } = {}) {
  state = next;
  const address = location.pathname + writeState(state);
  if (replace) history.replaceState(null, "", address);
  else if (address !== location.pathname + location.search) history.pushState(null, "", address);
  const name = splitName(state.fn).what.slice(0, 80);
  document.title = [name, state.service, "Source"].filter(Boolean).join(" · ");
  showSession();
}

function change(what, { reload = false } = {}) {
  const next = { ...state, ...what };
  if ("service" in what) Object.assign(next, { fn: "", version: "", file: "" });
  const ranged = reload || "from" in what || "until" in what;
  go(ranged ? next : toolbar.fitting(next));
  toolbar.show(state);
  return ranged ? loadAll() : loadProfile();
}

function pick(name, options) {
  if (name !== state.fn) go({ ...state, fn: name, version: "", file: "" });
  functions.choose(name);
  flame.choose(name);
  details.open(state, options);
  // Below one another on a narrow screen: what was chosen has to come into sight.
  if (matchMedia("(max-width: 60rem)").matches) byId("details").scrollIntoView({ behavior: "auto", block: "start" });
}

function chooseVersion(version) {
  go({ ...state, ...version });
  details.chooseVersion(state);
}

/** Services, then the profile: both are of the time range. */
async function loadAll() {
  const range = rangeOf(state, Date.now());
  const request = { labelNames: ["service_name", "__profile_type__"], start: range.start, end: range.end };
  let answer = null;
  const load = async (signal) => (answer = await querier("Series", request, signal));
  tableRegion.wait();
  await flameRegion.run(load, () => null, { retry: loadAll, onFailure: askForTenant });
  if (!answer) {
    waitWithTheRest();
    return;
  }
  toolbar.setSeries(answer.labelsSet ?? []);
  if (!toolbar.hasServices && !state.service) {
    toolbar.show(state);
    flameRegion.empty("No profiles in this time range", "Choose a longer one, or let a service send its profiles to Pyroscope.");
    waitWithTheRest();
    return;
  }
  go(toolbar.fitting(state), { replace: true });
  toolbar.show(state);
  await loadProfile();
}

function waitWithTheRest() {
  waitForProfile();
  details.invite();
}

function askForTenant(error) {
  if (!error.wantsTenant) return false;
  toolbar.askTenant(true);
  flameRegion.empty("Which tenant?", "Profiles are kept apart by tenant here. Name yours above.");
  byId("tenant").focus();
  return true;
}

async function loadProfile() {
  const range = rangeOf(state, Date.now());
  const request = { profileTypeID: state.type, labelSelector: selectorOf(state.service), ...range, maxNodes: MAX_NODES };
  const opened = state.fn ? details.open(state) : details.invite();
  tableRegion.wait();
  const load = async (signal) => readFlameGraph((await querier("SelectMergeStacktraces", request, signal)).flamegraph);
  await flameRegion.run(load, showProfile, { retry: loadProfile, onFailure: askForTenant });
  if (!flameRegion.isReady) waitForProfile();
  await opened;
}

function waitForProfile() {
  tableRegion.empty("No functions yet", "They appear with a profile.");
  byId("total").textContent = "";
}

function showProfile(found) {
  profile = found;
  const unit = typeUnit(state.type);
  byId("total").textContent = found.root ? `${formatValue(found.total, unit)} in total` : "";
  details.redraw();
  if (!found.root) {
    flameRegion.empty("Nothing was sampled", "This service has no samples of this profile type in this time range.");
    waitForProfile();
    return null;
  }
  tableRegion.ready(functions.table(found, unit, state.fn));
  return flame.graph(found, unit, state.fn);
}

function openTheme() {
  const button = byId("theme");
  const names = { "": "as the system", light: "light", dark: "dark" };
  const apply = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    button.setAttribute("aria-label", `Colours: ${names[theme]}`);
    button.title = `Colours: ${names[theme]}`;
  };
  apply(stored("source:theme") in names ? stored("source:theme") : "");
  button.addEventListener("click", () => {
    const order = ["", "light", "dark"];
    const next = order[(order.indexOf(document.documentElement.dataset.theme ?? "") + 1) % order.length];
    store("source:theme", next || null);
    apply(next);
  });
}

openTheme();
byId("filter").addEventListener("input", () => flame.highlight(functions.filter));
addEventListener("popstate", () => {
  const before = state;
  go(readState(location.search), { replace: true });
  toolbar.show(state);
  const same = ["service", "type", "from", "until"].every((key) => before[key] === state[key]);
  if (!same) loadAll();
  else if (state.fn && state.fn === before.fn) details.chooseVersion(state);
  else if (state.fn) pick(state.fn);
  else details.invite();
});
go(state, { replace: true });
toolbar.show(state);
openSession(() => state.fn && details.open(state));
loadAll();
