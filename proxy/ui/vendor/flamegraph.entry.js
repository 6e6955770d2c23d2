// d3-flame-graph with the parts of d3 that it stands on; its tooltips, which can write HTML, stay out.
export { default as flamegraph } from "d3-flame-graph";
export { select } from "d3-selection";
