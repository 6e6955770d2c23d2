// Calls over Connect in JSON, to this origin; https://connectrpc.com/docs/protocol

const TENANT_KEY = "source:tenant";

/** What went wrong: `code` of Connect, `message` for people, `status` of HTTP (0: no answer), `retryAfter` in seconds. */
export class Failure extends Error {
  constructor(code, message, { status = 0, retryAfter = 0 } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether a tenant has to be named first. */
  get wantsTenant() {
    return this.code === "unauthenticated" && /no org id/i.test(this.message);
  }
}

export const querier = (method, body, signal) => call(`querier.v1.QuerierService/${method}`, body, signal);
export const source = (method, body, signal) => call(`source.v1.SourceService/${method}`, body, signal);
export const vcs = (method, body, signal) => call(`vcs.v1.VCSService/${method}`, body, signal);

/** The tenant that requests are sent for; empty: none. */
export function tenant() {
  return stored(TENANT_KEY) ?? "";
}

export function setTenant(name) {
  store(TENANT_KEY, name || null);
}

/** What the browser keeps for this page; `null` where it keeps nothing. */
export function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing works all the same, until the page is closed.
  }
}

/** POST JSON to a path of this origin; the answer's JSON. Throws `Failure`, or an `AbortError`. */
export async function post(path, body, signal) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: headers(), body: JSON.stringify(body), signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure("unavailable", "No answer from the proxy: it is down, or the network is.");
  }
  const answer = await readAnswer(response, signal);
  if (response.ok) return answer ?? {};
  throw new Failure(answer?.code ?? "unknown", answer?.message || wordless(response.status), {
    status: response.status,
    retryAfter: Number(response.headers.get("Retry-After")) || 0,
  });
}

const call = (method, body, signal) => post(`/${method}`, body, signal);

function headers() {
  const found = { "Content-Type": "application/json" };
  if (tenant()) found["X-Scope-OrgID"] = tenant();
  return found;
}

async function readAnswer(response, signal) {
  try {
    const text = await response.text();
    const answer = text ? JSON.parse(text) : null;
    return answer && typeof answer === "object" ? answer : null;
  } catch (error) {
    if (signal?.aborted) throw error;
    if (!response.ok) return null;
    throw new Failure("unavailable", "The answer broke off or is no JSON; something between here and the proxy cut it.");
  }
}

function wordless(status) {
  return status >= 500 ? `Whatever is in front of Pyroscope failed (HTTP ${status}).` : `The request was refused (HTTP ${status}).`;
}
