// Opening a file, and turning it into its hashed counterpart batch by batch.
import { csvLine, Ledger } from "./account.ts";
import { recognise } from "./columns.ts";
import { Guard } from "./guards.ts";
import { sha256All } from "./hashing.ts";
import type { Rows } from "./reading/csv.ts";
import { rowsOf } from "./reading/rows.ts";
import { isRecognisable, RowChecker, type CheckedRow } from "./rows.ts";
import { Refused, type Column, type Config, type HashedFile, type Mode, type Opened } from "./types.ts";

const ROWS_SHOWN = 5;
const BATCH_ROWS = 4000;
const SAMPLE_LINES = 3;
const PIECE_CHARACTERS = 1 << 20;
/* At most three bytes each: a piece is well below what the server takes at once. */

export type Progress = (share: number, lines: number, rejected: number) => void;

/** The header and the first rows. Throws Refused. */
export async function open(file: File, config: Config): Promise<Opened> {
  const found: Rows = { cells: [], lines: [], broken: [], share: 0 };
  for await (const rows of rowsOf(file)) {
    found.cells.push(...rows.cells.slice(0, ROWS_SHOWN + 1));
    found.lines.push(...rows.lines.slice(0, 1));
    found.broken.push(...rows.broken.slice(0, 1));
    if (found.cells.length > 1 || found.broken.length) break;
  }
  const [header, ...others] = found.cells;
  const guard = new Guard(config.guards);
  refuseHeader(found, guard);
  if (others.length === 0) throw new Refused("empty", "The file has no rows below its header.");
  const columns = recognise(header, config.headers, guard);
  return { columns, rows: others.slice(0, ROWS_SHOWN), headerLine: found.lines[0] };
}

function refuseHeader({ cells, lines, broken }: Rows, guard: Guard): void {
  if (broken.length && !(lines[0] < broken[0][0])) {
    throw new Refused("header", "The first row is not a row of column names.");
  }
  if (cells.length === 0) throw new Refused("empty", "The file has no rows.");
  if (cells[0].some((cell) => guard.isPersonal(cell))) {
    throw new Refused("header", "The first row holds contact data instead of column names.");
  }
}

/** The whole file, hashed. Throws Refused. */
export async function hashFile(
  file: File, columns: Column[], mode: Mode, config: Config, progress: Progress,
): Promise<HashedFile> {
  const began = performance.now();
  const job = new Job(new RowChecker(columns, mode, new Guard(config.guards), config));
  let isFirst = true;
  for await (const rows of rowsOf(file)) {
    const skipped = isFirst && rows.cells.length > 0 ? 1 : 0;
    isFirst &&= rows.cells.length === 0;
    for (const [line, reason] of rows.broken) job.ledger.reject(line, reason);
    for (let from = skipped; from < rows.cells.length; from += BATCH_ROWS) {
      const to = from + BATCH_ROWS;
      await job.take(rows.cells.slice(from, to), rows.lines.slice(from, to));
      const share = rows.share === 1 ? Math.min(1, to / rows.cells.length) : rows.share;
      progress(share, job.ledger.account.lines, job.rejected());
    }
  }
  return job.result((performance.now() - began) / 1000);
}

class Job {
  readonly ledger = new Ledger();
  private readonly pieces: Blob[] = [];
  private readonly sample: string[] = [];

  constructor(private readonly checker: RowChecker) {}

  async take(cells: string[][], lines: number[]): Promise<void> {
    const kept: CheckedRow[] = [];
    cells.forEach((row, i) => {
      const checked = this.checker.check(row);
      if (this.count(checked, lines[i])) kept.push(checked);
    });
    const hashed = await hashes(kept);
    const output = kept.flatMap((row, i) => this.checker.output(row, hashed[i]).map(csvLine));
    if (output.length === 0) return;
    this.sample.push(...output.slice(0, SAMPLE_LINES - this.sample.length));
    this.pieces.push(...packed(output));
  }

  rejected(): number {
    return Object.values(this.ledger.account.rejected).reduce((sum, count) => sum + count, 0);
  }

  result(seconds: number): HashedFile {
    return {
      account: this.ledger.account,
      header: `${csvLine(this.checker.header)}\r\n`,
      pieces: this.pieces,
      remarks: this.ledger.remarks(),
      sample: this.sample,
      seconds,
    };
  }

  private count(row: CheckedRow, line: number): boolean {
    if (row.problem) {
      this.ledger.reject(line, row.problem);
      return false;
    }
    this.ledger.accept(isRecognisable(row));
    for (const [reason, column] of row.cells) this.ledger.leaveOut(line, reason, column);
    for (const [reason, column] of row.repairs) this.ledger.repair(line, reason, column);
    return true;
  }
}

/** The hashes of each row's texts; empty where there is no text. */
async function hashes(rows: CheckedRow[]): Promise<string[][][]> {
  const texts = rows.flatMap((row) => row.lines.flat().filter((text) => text !== ""));
  const all = (await sha256All(texts)).values();
  const hash = (text: string) => (text === "" ? "" : (all.next().value as string));
  return rows.map((row) => row.lines.map((line) => line.map(hash)));
}

/** Lines as blobs of whole lines, none of them large. */
function packed(lines: string[]): Blob[] {
  const blobs: Blob[] = [];
  let from = 0;
  let size = 0;
  lines.forEach((line, i) => {
    size += line.length;
    if (size < PIECE_CHARACTERS && i < lines.length - 1) return;
    blobs.push(new Blob([lines.slice(from, i + 1).join("\r\n"), "\r\n"]));
    [from, size] = [i + 1, 0];
  });
  return blobs;
}
