// CSV rows with the line each begins on. Broken quoting costs the line its row begins on, not the
// rest; the command line reads alike (matchbook/crm_files/numbered.py).
import { Refused } from "../types.ts";
import { pieces } from "./text.ts";

/** A field longer than this is no value: a quote stands open, or a line has no end. */
const LONGEST_FIELD = 1 << 17;
const LONGEST_LINE = 1 << 20;
const DELIMITERS = [",", ";", "\t", "|"];

export interface Rows {
  cells: string[][];
  /** The physical line of each row, the first line of the file being 1. */
  lines: number[];
  /** Lines that are no row, with the reason. */
  broken: [number, string][];
  /** How much of the file is read, 0 to 1. */
  share: number;
}

/** All rows, header included, blank ones left out. Throws Refused. */
export async function* csvRows(file: Blob): AsyncGenerator<Rows> {
  let splitter: Splitter | null = null;
  for await (const piece of pieces(file)) {
    splitter ??= new Splitter(delimiterOf(piece.text));
    yield splitter.take(piece.text, piece.bytesRead / file.size, piece.bytesRead === file.size);
  }
}

export function delimiterOf(text: string): string {
  const first = text.trimStart().split("\n", 1)[0].replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/** Cuts text that comes in pieces into rows; what is not a whole row yet is kept. */
class Splitter {
  private rest = "";
  private line = 1;
  private readonly field: RegExp;
  private readonly start: RegExp;

  constructor(private readonly delimiter: string) {
    const plain = `[^"${delimiter}\\n][^${delimiter}\\n]*`;
    const quoted = '"([^"]*(?:""[^"]*)*)';
    this.field = new RegExp(`(?:${quoted}"|(${plain})?)([${delimiter}\\n])`, "y");
    this.start = new RegExp(`(?:${quoted}"?|${plain})?`, "y");
  }

  take(text: string, share: number, isLast: boolean): Rows {
    const rows: Rows = { cells: [], lines: [], broken: [], share };
    this.rest += text;
    if (isLast && !this.rest.endsWith("\n")) this.rest += "\n";
    let from = 0;
    let quote = -1;
    for (let next = 0; next >= 0; ) {
      from = next;
      const end = this.lineEnd(from);
      if (quote < from) quote = this.nextQuote(from);
      if (end < 0) break;
      next = quote > end ? this.plainRow(rows, from, end) : this.quotedRow(rows, from, end, isLast);
    }
    this.rest = this.rest.slice(from);
    return rows;
  }

  /** Where the line ends, -1 if that is to come. */
  private lineEnd(from: number): number {
    const end = this.rest.indexOf("\n", from);
    if ((end < 0 ? this.rest.length : end) - from <= LONGEST_LINE) return end;
    throw new Refused("too_long", "A line of the file is too long for a row. Is it a CSV file?");
  }

  private nextQuote(from: number): number {
    const found = this.rest.indexOf('"', from);
    return found < 0 ? Infinity : found;
  }

  /** Add the row that is one line; where the next begins. */
  private plainRow(rows: Rows, from: number, end: number): number {
    const cells = this.rest.slice(from, end).split(this.delimiter);
    if (end - from > LONGEST_FIELD && cells.some(isTooLong)) rows.broken.push([this.line, "too_long"]);
    else this.add(rows, cells);
    this.line += 1;
    return end + 1;
  }

  /** Add the row, or break the line it begins on; where the next begins, -1 if its end is to come. */
  private quotedRow(rows: Rows, from: number, end: number, isLast: boolean): number {
    const cells = this.cellsFrom(from);
    if (cells === "open" && !isLast) return -1;
    if (typeof cells === "string" || cells.some(isTooLong)) {
      const isOneLine = typeof cells !== "string" && this.field.lastIndex === end + 1;
      rows.broken.push([this.line, isOneLine ? "too_long" : "quote"]);
      this.line += 1;
      return end + 1;
    }
    this.add(rows, cells);
    this.line += 1 + lineEnds(cells);
    return this.field.lastIndex;
  }

  /** A row's cells; else whether its quoting is broken, or open at the end of the text. */
  private cellsFrom(from: number): string[] | "broken" | "open" {
    const cells: string[] = [];
    this.field.lastIndex = from;
    for (let at = from; ; at = this.field.lastIndex) {
      const match = this.field.exec(this.rest);
      if (!match) return this.isOpen(at) ? "open" : "broken";
      cells.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
      if (match[3] === "\n") return cells;
    }
  }

  /** Whether more text could make a field of what stands from here on. */
  private isOpen(from: number): boolean {
    if (this.rest.length - from > LONGEST_FIELD * 2) return false;
    this.start.lastIndex = from;
    this.start.test(this.rest);
    return this.start.lastIndex === this.rest.length;
  }

  private add(rows: Rows, cells: string[]): void {
    if (cells.length === 1 && cells[0].trim() === "") return;
    rows.cells.push(cells);
    rows.lines.push(this.line);
  }
}

function isTooLong(cell: string): boolean {
  return cell.length > LONGEST_FIELD;
}

function lineEnds(cells: string[]): number {
  let found = 0;
  for (const cell of cells) if (cell.includes("\n")) found += cell.split("\n").length - 1;
  return found;
}
