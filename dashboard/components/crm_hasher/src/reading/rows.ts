// Rows of whatever kind of file it is, told by its first bytes.
import { Refused } from "../types.ts";
import { csvRows, type Rows } from "./csv.ts";

export const LARGEST_WORKBOOK = 60 << 20;

const OTHERS: [number[], string][] = [
  [[0x1f, 0x8b], "The file is compressed (gzip). Unpack it first."],
  [[0xd0, 0xcf, 0x11, 0xe0], "This is an old Excel file (.xls). Save it as .xlsx or CSV."],
  [[0x25, 0x50, 0x44, 0x46], "This is a PDF. Save your contacts as CSV or Excel (.xlsx)."],
];

/** All rows, header first. Throws Refused. */
export async function* rowsOf(file: File): AsyncGenerator<Rows> {
  if (file.size === 0) throw new Refused("empty", "The file is empty.");
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const other = OTHERS.find(([magic]) => magic.every((byte, i) => start[i] === byte));
  if (other) throw new Refused("file_kind", other[1]);
  if (start[0] !== 0x50 || start[1] !== 0x4b) {
    yield* csvRows(file);
    return;
  }
  if (file.size > LARGEST_WORKBOOK) {
    throw new Refused("too_large", "This Excel file is too large to open here. Save it as CSV.");
  }
  // Loaded when somebody brings a workbook: most bring CSV.
  const { workbookRows } = await import("./workbook.ts");
  yield await workbookRows(file);
}
