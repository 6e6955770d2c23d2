// What to show: service, profile type, time range, and the tenant where there are several.

import { byId, h } from "./dom.js";
import { setTenant, tenant } from "./rpc.js";
import { RANGES, rangeOf } from "./state.js";
import { typeName } from "./units.js";

const CUSTOM = "custom";
// What people mostly look for first.
const PREFERRED = ["process_cpu:cpu:", "process_cpu:", "wall:", "memory:inuse_space:", "memory:"];

export class Toolbar {
  #onChange;
  #services = new Map();

  /** `onChange(change, { push })` hears what a person chose. */
  constructor(onChange) {
    this.#onChange = onChange;
    const changed = (id, apply) => byId(id).addEventListener("change", apply);
    changed("service", () => onChange({ service: byId("service").value }));
    changed("type", () => onChange({ type: byId("type").value }));
    changed("range", () => this.#rangeChosen());
    changed("from", () => this.#customChosen());
    changed("until", () => this.#customChosen());
    changed("tenant", () => this.#tenantChosen());
    byId("toolbar").addEventListener("submit", (event) => {
      event.preventDefault();
      if (byId("tenant").value.trim() !== tenant()) this.#tenantChosen();
      else onChange({}, { reload: true });
    });
  }

  /** Services with their profile types, from `Series`. */
  setSeries(labelSets) {
    this.#services = new Map();
    for (const { labels = [] } of labelSets) {
      const found = Object.fromEntries(labels.map(({ name, value }) => [name, value ?? ""]));
      const service = found.service_name;
      if (!service) continue;
      if (!this.#services.has(service)) this.#services.set(service, new Set());
      if (found.__profile_type__) this.#services.get(service).add(found.__profile_type__);
    }
  }

  get hasServices() {
    return this.#services.size > 0;
  }

  /** What of `state` there is no profile of is replaced by what there is. */
  fitting(state) {
    const service = state.service || [...this.#services.keys()].sort()[0] || "";
    const types = [...(this.#services.get(service) ?? [])].sort();
    const liked = PREFERRED.map((start) => types.find((type) => type.startsWith(start))).find(Boolean);
    return { ...state, service, type: state.type && (types.includes(state.type) || !types.length) ? state.type : liked ?? types[0] ?? "" };
  }

  /** Show a state. */
  show(state) {
    const services = [...this.#services.keys()].sort();
    fill("service", services, state.service, (name) => name);
    fill("type", [...(this.#services.get(state.service) ?? [])].sort(), state.type, typeName);
    this.#showRange(state);
    this.askTenant(Boolean(tenant()));
  }

  askTenant(shown) {
    const field = byId("tenant-field");
    if (shown && field.hidden) byId("tenant").value = tenant();
    field.hidden = !shown;
  }

  #showRange(state) {
    const known = RANGES.some(([from]) => from === state.from) && state.until === "now";
    byId("range").replaceChildren(
      ...RANGES.map(([from, name]) => h("option", { value: from, selected: known && from === state.from }, name)),
      h("option", { value: CUSTOM, selected: !known }, "Custom…"),
    );
    const range = rangeOf(state, Date.now());
    this.#showCustom(!known);
    if (range) {
      byId("from").value = local(range.start);
      byId("until").value = local(range.end);
    }
  }

  #showCustom(shown) {
    byId("custom").hidden = !shown;
    byId("custom-until").hidden = !shown;
  }

  #rangeChosen() {
    const chosen = byId("range").value;
    this.#showCustom(chosen === CUSTOM);
    if (chosen === CUSTOM) byId("from").focus();
    else this.#onChange({ from: chosen, until: "now" });
  }

  #customChosen() {
    const [from, until] = ["from", "until"].map((id) => new Date(byId(id).value).getTime());
    const wrong = !(from <= until);
    byId("until").setCustomValidity(wrong ? "The end has to be after the start." : "");
    byId("until").reportValidity();
    if (!wrong) this.#onChange({ from: String(from), until: String(until) });
  }

  #tenantChosen() {
    setTenant(byId("tenant").value.trim());
    this.#onChange({ service: "", type: "", fn: "", version: "", file: "" }, { reload: true });
  }
}

function fill(id, values, chosen, name) {
  const shown = chosen && !values.includes(chosen) ? [chosen, ...values] : values;
  const select = byId(id);
  select.replaceChildren(...shown.map((value) => h("option", { value, selected: value === chosen }, name(value))));
  select.disabled = shown.length === 0;
  if (!shown.length) select.append(h("option", {}, "none"));
}

function local(moment) {
  const shifted = new Date(moment - new Date(moment).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}
