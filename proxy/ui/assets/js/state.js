// What is shown, as the page's address holds it, so that an address can be shared. Pure.

export const RANGES = [
  ["now-5m", "Last 5 minutes"],
  ["now-15m", "Last 15 minutes"],
  ["now-1h", "Last hour"],
  ["now-6h", "Last 6 hours"],
  ["now-24h", "Last 24 hours"],
  ["now-7d", "Last 7 days"],
];
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };
const RELATIVE = /^now-(\d{1,6})([smhd])$/;
const LONGEST = 100_000;

export const EMPTY = { service: "", type: "", from: "now-1h", until: "now", fn: "", version: "", file: "" };

/** The state in a query; what is not understood is as if it were not there. */
export function readState(query) {
  const found = new URLSearchParams(query);
  const state = { ...EMPTY };
  for (const key of Object.keys(EMPTY)) {
    const value = found.get(key);
    if (value && value.length <= LONGEST) state[key] = value;
  }
  const range = rangeOf(state, 0);
  return range ? state : { ...state, from: EMPTY.from, until: EMPTY.until };
}

/** The query of a state, with `?`, empty where everything is as usual. */
export function writeState(state) {
  const query = new URLSearchParams();
  for (const [key, usual] of Object.entries(EMPTY)) if (state[key] !== usual) query.set(key, state[key]);
  // These need no escaping in a query, and selectors full of %3A are no joy to read.
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

/** Start and end in Unix milliseconds; `null` when the state has no range that could be. */
export function rangeOf(state, now) {
  const start = momentOf(state.from, now);
  const end = momentOf(state.until, now);
  return start === null || end === null || start > end ? null : { start, end };
}

function momentOf(text, now) {
  if (text === "now") return now;
  const relative = RELATIVE.exec(text);
  if (relative) return now - Number(relative[1]) * SECONDS[relative[2]] * 1000;
  const absolute = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(absolute) ? absolute : null;
}

/** A selector of one service. */
export function selectorOf(service) {
  return `{service_name=${JSON.stringify(service)}}`;
}
