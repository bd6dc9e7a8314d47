// The first sheet of an Excel workbook as rows of text.
import { readSheet } from "read-excel-file/web-worker";
import { Refused } from "../types.ts";
import type { Rows } from "./csv.ts";

type Cell = string | number | boolean | Date | null;

/** All rows, header included, blank ones left out. Throws Refused. */
export async function workbookRows(file: Blob): Promise<Rows> {
  const rows: Rows = { cells: [], lines: [], broken: [], share: 1 };
  (await sheet(file)).forEach((row, i) => {
    if (row.every((cell) => cell === null)) return;
    rows.cells.push(row.map(text));
    rows.lines.push(i + 1);
  });
  return rows;
}

async function sheet(file: Blob): Promise<Cell[][]> {
  try {
    return (await readSheet(file)) as Cell[][];
  } catch {
    throw new Refused("workbook", "This Excel file cannot be read. Save it as CSV.");
  }
}

function text(cell: Cell): string {
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return cell === null ? "" : String(cell);
}
