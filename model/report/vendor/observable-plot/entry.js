// What page.js uses; esbuild leaves the rest out.
export {barY, cell, dot, line, pointer, plot, rectY, ruleY, text, tip} from "@observablehq/plot";
