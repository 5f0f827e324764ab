import type { LayerReport } from "../quantise/quantise.ts";

/** What a picture shows of a compiled model. */
export interface PictureData {
  readonly title: string;
  readonly layers: readonly LayerReport[];
  readonly constraints: { readonly input: number; readonly words: number; readonly nodes: readonly number[] };
}

interface Bar {
  readonly name: string;
  readonly constraints: number;
  /** The last that was measured in the node, as a share of its range. */
  readonly error: number | undefined;
}

/** Bars of their own; what is beyond has one together. */
const MOST_BARS = 40;
const LONGEST_NAME = 36;
const LABEL = 250;
const WIDTH = 240;
const ROW = 20;
const TOP = 74;
const GAP = 70;

/** Text that ends no element and no attribute, without what XML has no place for. */
function escaped(text: string, longest = LONGEST_NAME): string {
  const clean = Array.from(text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}\p{Cs}]/gu, "?"));
  const cut = clean.length > longest ? `${clean.slice(0, longest - 1).join("")}…` : clean.join("");
  const named: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return cut.replace(/[&<>"']/g, (character) => named[character]!);
}

/** One bar for each node of the model, in its order. */
function barsOf({ layers, constraints }: PictureData): Bar[] {
  const found = new Map<string, Bar>();
  for (const [at, { source, name, error }] of layers.entries()) {
    const key = source === "" ? name : source;
    const known = found.get(key);
    const sum = (known?.constraints ?? 0) + (constraints.nodes[at] ?? 0);
    found.set(key, { name: key, constraints: sum, error: error ?? known?.error });
  }
  const all = [
    { name: "input", constraints: constraints.input, error: undefined },
    ...found.values(),
    { name: "public words", constraints: constraints.words, error: undefined },
  ];
  if (all.length <= MOST_BARS) return all;
  const kept = new Set(all.toSorted((a, b) => b.constraints - a.constraints).slice(0, MOST_BARS - 1));
  const rest = all.filter((bar) => !kept.has(bar));
  const errors = rest.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const other = {
    name: `${rest.length} others`,
    constraints: rest.reduce((sum, bar) => sum + bar.constraints, 0),
    error: errors.length === 0 ? undefined : Math.max(...errors),
  };
  return [...all.filter((bar) => kept.has(bar)), other];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function bar(x: number, y: number, share: number, kind: string, text: string): string {
  const length = Math.max(share > 0 ? 1 : 0, Math.round(share * WIDTH));
  return (
    `<rect class="${kind}" x="${x}" y="${y - 11}" width="${length}" height="14" rx="2"/>` +
    `<text class="number" x="${x + length + 5}" y="${y}">${text}</text>`
  );
}

/**
 * Draws constraints and error of each node of a model as bars: an SVG of text alone, which takes its colours from the
 * reader's light or dark scheme. Names from the model's file are escaped and cut. The same report gives the same text.
 */
export function drawReport(data: PictureData): string {
  const bars = barsOf(data);
  const most = Math.max(1, ...bars.map(({ constraints }) => constraints));
  const worst = bars.reduce((found, { error }) => Math.max(found, error ?? 0), 0);
  const total = bars.reduce((sum, { constraints }) => sum + constraints, 0);
  const [first, second] = [LABEL + 10, LABEL + 10 + WIDTH + GAP];
  const [width, height] = [second + WIDTH + GAP, TOP + ROW * bars.length + 16];
  const rows = bars.map(({ name, constraints, error }, at) => {
    const y = TOP + ROW * at + 14;
    return (
      `<text class="name" x="${LABEL}" y="${y}">${escaped(name)}</text>` +
      bar(first, y, constraints / most, "constraints", String(constraints)) +
      (error === undefined ? "" : bar(second, y, worst > 0 ? error / worst : 0, "error", percent(error)))
    );
  });
  const title = escaped(data.title, 80);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>Constraints and error of ${title} by node</title>`,
    "<style>",
    ":root { color-scheme: light dark; }",
    "text { font: 12px system-ui, sans-serif; fill: #1f2328; }",
    ".title { font-size: 15px; font-weight: 600; } .name { text-anchor: end; } .number { fill: #59636e; }",
    ".ground { fill: #ffffff; } .constraints { fill: #2f6feb; } .error { fill: #c2570c; }",
    "@media (prefers-color-scheme: dark) {",
    "text { fill: #e6edf3; } .number { fill: #9198a1; } .ground { fill: #0d1117; }",
    ".constraints { fill: #58a6ff; } .error { fill: #f0883e; }",
    "}",
    "</style>",
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="title" x="16" y="26">${title}: ${total} constraints</text>`,
    `<text class="number" x="${first}" y="${TOP - 16}">constraints</text>`,
    `<text class="number" x="${second}" y="${TOP - 16}">error, share of the range</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
