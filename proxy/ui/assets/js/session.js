// The session with GitHub: the cookie that Grafana's app uses too, renewed before it ends.

import { byId, h, announce } from "./dom.js";
import { post, tenant, vcs } from "./rpc.js";

const COOKIE = "pyroscope_git_session";
const HOME = "/-/source/";
const REFRESH_BEFORE = 5 * 60 * 1000;
const LONGEST_TIMER = 2 ** 31 - 1;
const LONGEST_RETURN = 2000;
const WENT = "source:went-to-github";

let configured = true;
let refreshing = null;
let timer = 0;
let changed = () => {};

/** Whether a session came with this browser, and when it ends (Unix ms; 0: not known). */
export function session() {
  for (const pair of document.cookie.split(/;\s*/)) {
    const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    if (name === COOKIE && value) return { connected: true, expiry: expiryIn(value) };
  }
  return { connected: false, expiry: 0 };
}

function expiryIn(value) {
  try {
    return Number(JSON.parse(atob(decodeURIComponent(value).replaceAll('"', ""))).expiry) || 0;
  } catch {
    return 0;
  }
}

/** Whether people can connect here at all. */
export const canConnect = () => configured;

/** Begin: `onChange` is called whenever a session begins or ends. */
export async function openSession(onChange) {
  changed = onChange;
  show();
  tellIfLost();
  plan();
  try {
    await vcs("GithubApp", {});
  } catch (error) {
    configured = error.code !== "unimplemented";
    show();
  }
}

/** Before a call that needs the session: one that is about to end is renewed first. */
export async function freshSession() {
  const { connected, expiry } = session();
  if (!connected || !expiry || expiry - Date.now() >= REFRESH_BEFORE) return;
  // Tabs share the cookie, and a refresh token is good once: the next tab finds the work done.
  refreshing ??= alone(refresh).finally(() => (refreshing = null));
  await refreshing;
}

const alone = (work) => (navigator.locks ? navigator.locks.request("source:refresh", work) : work());

async function refresh() {
  const { connected, expiry } = session();
  if (!connected || expiry - Date.now() >= REFRESH_BEFORE) return;
  try {
    await post(`${HOME}refresh`, {});
  } catch (error) {
    // Refused for good: the answer took the cookie away. Anything else may pass, and the session may yet hold.
    if (error.code === "unauthenticated") say("Your session with GitHub has ended. Connect again to see source.");
  }
  show();
  plan();
}

function plan() {
  clearTimeout(timer);
  const { connected, expiry } = session();
  if (!connected || !expiry) return;
  const left = expiry - REFRESH_BEFORE - Date.now();
  if (left > 0) timer = setTimeout(() => freshSession(), Math.min(left + 1000, LONGEST_TIMER));
}

/** A link that leads over GitHub back to what is shown now. */
export function connectLink(text = "Connect to GitHub") {
  return h("a", { class: "button primary connect", href: connectAddress(), onclick: remember }, githubMark(), text);
}

function connectAddress() {
  const here = location.pathname + location.search;
  const query = new URLSearchParams({ return: here.length <= LONGEST_RETURN ? here : HOME });
  if (tenant()) query.set("tenant", tenant());
  return `${HOME}login?${query}`;
}

function remember(event) {
  // What is shown may have changed since the link was made.
  event.currentTarget.href = connectAddress();
  try {
    sessionStorage.setItem(WENT, location.search);
  } catch {
    // Then an address that is too long for the way there and back is forgotten.
  }
}

/** After the way over GitHub: the query that was too long to come along, or "". */
export function queryFromBefore() {
  try {
    const before = sessionStorage.getItem(WENT);
    return before && before.length + HOME.length > LONGEST_RETURN && !location.search ? before : "";
  } catch {
    return "";
  }
}

function tellIfLost() {
  try {
    const went = sessionStorage.getItem(WENT) !== null;
    sessionStorage.removeItem(WENT);
    // Gone there and back by the browser's own button: no message then, it is no failure.
    const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (went && !back && !session().connected) {
      say("GitHub was asked, but this browser kept no session. Open the page over https, or allow its cookies.");
    }
  } catch {
    // Nothing was remembered.
  }
}

async function disconnect() {
  try {
    await post(`${HOME}logout`, {});
    announce("Disconnected from GitHub");
  } catch (error) {
    say(error.message);
  }
  plan();
  show();
  changed();
  byId("session").querySelector("a, button")?.focus();
}

export function show() {
  const { connected } = session();
  const place = byId("session");
  const state = connected ? "connected" : configured ? "disconnected" : "unconfigured";
  if (place.dataset.state === state && state !== "disconnected") return;
  place.dataset.state = state;
  if (connected) {
    place.replaceChildren(
      h("span", { class: "connected" }, githubMark(), h("span", {}, "Connected")),
      h("button", { type: "button", class: "button small", onclick: disconnect }, "Disconnect"),
    );
  } else if (configured) {
    place.replaceChildren(connectLink());
  } else {
    place.replaceChildren(h("span", { class: "muted" }, "GitHub is not set up here"));
  }
}

function say(text) {
  byId("notice").replaceChildren(
    h(
      "p",
      { class: "notice" },
      h("span", {}, text),
      h("button", { type: "button", class: "copyless", "aria-label": "Dismiss", onclick: () => byId("notice").replaceChildren() }, "×"),
    ),
  );
}

function githubMark() {
  return h("span", { class: "github-mark", "aria-hidden": "true" });
}
