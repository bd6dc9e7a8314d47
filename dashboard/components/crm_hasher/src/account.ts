// Counting what became of the rows, and the list of what was left out or repaired.
import type { Account, Outcome } from "./types.ts";

const LINES_SHOWN = 8;
const FLUSH_AT = 50_000;

export class Ledger {
  readonly account: Account = {
    lines: 0, accepted: 0, usable: 0, rejected: {}, cells: {}, repaired: {},
    firstLines: { rejected: {}, cells: {}, repaired: {} },
  };
  private readonly pieces: Blob[] = [];
  private waiting: string[] = ["line,reason,column"];

  accept(isUsable: boolean): void {
    this.account.lines += 1;
    this.account.accepted += 1;
    if (isUsable) this.account.usable += 1;
  }

  reject(line: number, reason: string): void {
    this.account.lines += 1;
    this.note("rejected", line, reason, "");
  }

  leaveOut(line: number, reason: string, column: string): void {
    this.note("cells", line, reason, column);
  }

  repair(line: number, reason: string, column: string): void {
    this.note("repaired", line, reason, column);
  }

  /** Line, reason and column of everything left out or repaired; no value. */
  remarks(): Blob {
    this.flush();
    return new Blob(this.pieces, { type: "text/csv" });
  }

  private note(outcome: Outcome, line: number, reason: string, column: string): void {
    const counts = this.account[outcome];
    counts[reason] = (counts[reason] ?? 0) + 1;
    const first = (this.account.firstLines[outcome][reason] ??= []);
    if (first.length < LINES_SHOWN && first.at(-1) !== line) first.push(line);
    this.waiting.push(csvLine([String(line), reason, column]));
    if (this.waiting.length >= FLUSH_AT) this.flush();
  }

  private flush(): void {
    if (this.waiting.length) this.pieces.push(new Blob([this.waiting.join("\r\n"), "\r\n"]));
    this.waiting = [];
  }
}

export function csvLine(cells: string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}
