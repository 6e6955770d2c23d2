// Values of profiles as people read them. Pure.

const TIMES = [
  [86_400e9, "d"],
  [3_600e9, "h"],
  [60e9, "min"],
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];
const SIZES = [
  [2 ** 50, "PiB"],
  [2 ** 40, "TiB"],
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
  [1, "B"],
];
const COUNTS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
];
const IN_NANOSECONDS = { nanoseconds: 1, microseconds: 1e3, milliseconds: 1e6, seconds: 1e9, ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** A value with its unit, in about three digits: `1.24 s`, `38.1 MiB`, `12 k`; counts keep their bare number. */
export function formatValue(value, unit) {
  if (Object.hasOwn(IN_NANOSECONDS, unit)) return scaled(value * IN_NANOSECONDS[unit], TIMES);
  if (unit === "bytes" || unit === "byte") return scaled(value, SIZES);
  return scaled(value, COUNTS);
}

/** A share of a whole in percent: `12.3 %`, `<0.1 %`; nothing without a whole. */
export function formatShare(value, whole) {
  if (!whole) return "";
  const share = (100 * value) / whole;
  if (share !== 0 && Math.abs(share) < 0.1) return share < 0 ? ">−0.1 %" : "<0.1 %";
  return `${trimmed(share, Math.abs(share) >= 99.95 ? 0 : 1)} %`;
}

/** What a profile type is called: `process_cpu · cpu`. */
export function typeName(id) {
  const [name, sample] = id.split(":");
  return sample ? `${name} · ${sample}` : id;
}

/** The unit of a profile type, such as `nanoseconds`. */
export const typeUnit = (id) => id.split(":")[2] ?? "";

function scaled(value, scale) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const [factor, unit] = scale.find(([each]) => Math.abs(value) >= each * 0.9995) ?? scale.at(-1);
  const number = value / factor;
  const digits = factor === 1 ? 0 : Math.abs(number) < 9.995 ? 2 : Math.abs(number) < 99.95 ? 1 : 0;
  return unit ? `${trimmed(number, digits)} ${unit}` : trimmed(number, digits);
}

function trimmed(number, digits) {
  return number.toFixed(digits).replace("-", "−");
}
