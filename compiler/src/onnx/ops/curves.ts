import { curve } from "./elementwise.ts";
import { erf } from "./special.ts";
import type { Operators } from "./types.ts";

/** Least positive number of single precision that is not subnormal: stands for 0 where a function has no value there. */
const TINY = 2 ** -126;

/** The nearest number to `x` from `min` to `max`: outside of its domain a function goes on with its value at the edge. */
const within = (x: number, min: number, max: number) => Math.min(Math.max(x, min), max);
const EDGE = 1 - 2 ** -24;

/**
 * Functions that ONNX gives NaN or an infinity for some numbers are tables here, which must be finite: there they have
 * the value at the nearest number of their domain. A model that relies on NaN is not one that can be compiled.
 */
export const curveOps: Operators = {
  Erf: curve("erf", erf),
  Exp: curve("exp", (x) => Math.exp(Math.min(x, 88))),
  Log: curve("log", (x) => Math.log(Math.max(x, TINY))),
  Sqrt: curve("sqrt", (x) => Math.sqrt(Math.max(x, 0))),
  Reciprocal: curve("reciprocal", (x) => (x === 0 ? 2 ** 24 : 1 / x)),
  Sin: curve("sin", Math.sin),
  Cos: curve("cos", Math.cos),
  Tan: curve("tan", Math.tan),
  Asin: curve("asin", (x) => Math.asin(within(x, -1, 1))),
  Acos: curve("acos", (x) => Math.acos(within(x, -1, 1))),
  Atan: curve("atan", Math.atan),
  Sinh: curve("sinh", (x) => Math.sinh(within(x, -88, 88))),
  Cosh: curve("cosh", (x) => Math.cosh(within(x, -88, 88))),
  Asinh: curve("asinh", Math.asinh),
  Acosh: curve("acosh", (x) => Math.acosh(Math.max(x, 1))),
  Atanh: curve("atanh", (x) => Math.atanh(within(x, -EDGE, EDGE))),
};
