// CSV rows with the line each begins on. A quote that never closes costs one line, not the rest.
import Papa from "papaparse";
import { pieces } from "./text.ts";

const LONGEST_ROW = 1 << 20;
const DELIMITERS = [",", ";", "\t", "|"];

export interface Rows {
  cells: string[][];
  /** The physical line of each row, the first line of the file being 1. */
  lines: number[];
  /** Lines whose quoting is broken. */
  broken: number[];
  /** How much of the file is read, 0 to 1. */
  share: number;
}

interface Parsed {
  data: string[][];
  errors: { code: string; row?: number }[];
  meta: { cursor: number };
}

interface Parser {
  parse(text: string, base: number, isPart: boolean): Parsed;
}

/** All rows, header included, blank ones left out. */
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
  private readonly parser: Parser;

  constructor(delimiter: string) {
    // The class under Papa.parse: it alone says where the last whole row ends.
    const make = (Papa as unknown as { Parser: new (config: object) => Parser }).Parser;
    this.parser = new make({ delimiter, newline: "\n" });
  }

  take(text: string, share: number, isLast: boolean): Rows {
    const rows: Rows = { cells: [], lines: [], broken: [], share };
    this.rest += text;
    this.whole(rows);
    while (isLast ? this.rest !== "" : this.rest.length > LONGEST_ROW) {
      if (isLast && this.last(rows)) break;
      this.skipLine(rows);
      this.whole(rows);
    }
    return rows;
  }

  /** Take the rows that certainly end within the text. */
  private whole(rows: Rows): void {
    const parsed = this.parser.parse(this.rest, 0, true);
    this.add(parsed, rows, this.rest.slice(0, parsed.meta.cursor).includes('"'));
    this.rest = this.rest.slice(parsed.meta.cursor);
  }

  /** Take the end of the file as a row; false if a quote stands open in it. */
  private last(rows: Rows): boolean {
    const parsed = this.parser.parse(this.rest, 0, false);
    if (parsed.errors.some((error) => error.code === "MissingQuotes")) return false;
    this.add(parsed, rows, true);
    this.rest = "";
    return true;
  }

  private skipLine(rows: Rows): void {
    rows.broken.push(this.line);
    this.line += 1;
    const end = this.rest.indexOf("\n");
    this.rest = end < 0 ? "" : this.rest.slice(end + 1);
  }

  private add(parsed: Parsed, rows: Rows, mayBeQuoted: boolean): void {
    const broken = new Set(parsed.errors.map((error) => error.row));
    parsed.data.forEach((cells, i) => {
      if (broken.has(i)) rows.broken.push(this.line);
      else if (cells.length > 1 || cells[0].trim() !== "") {
        rows.cells.push(cells);
        rows.lines.push(this.line);
      }
      this.line += 1 + (mayBeQuoted ? lineEnds(cells) : 0);
    });
  }
}

function lineEnds(cells: string[]): number {
  let found = 0;
  for (const cell of cells) if (cell.includes("\n")) found += cell.split("\n").length - 1;
  return found;
}
