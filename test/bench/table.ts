// The figures as a Markdown table: contenders beside each other, each with its ratio to the first. Pure.
import { FIGURES, type Figure, type Measurements } from "./figures.ts";

/** @param all the first is what the others are compared with */
export function formatTable(all: readonly Measurements[]): string {
  const [basis] = all;
  if (basis === undefined) return "";
  const head = ["", ...all.map(({ name }) => name)];
  const rows = FIGURES.map((figure) => [
    figure.label,
    ...all.map((one) => formatCell(figure, one, one === basis ? undefined : basis)),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function formatCell(figure: Figure, one: Measurements, basis: Measurements | undefined): string {
  const value = figure.of(one);
  if (Number.isNaN(value)) return "–";
  const text = value.toFixed(figure.digits);
  const ratio = basis === undefined ? Number.NaN : value / figure.of(basis);
  return Number.isFinite(ratio) ? `${text} (×${ratio.toFixed(2)})` : text;
}
