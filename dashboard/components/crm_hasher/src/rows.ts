// One row checked: what of it may leave this computer, or why the row may not.
import type { Guard } from "./guards.ts";
import { givenHash, readers, type Reader } from "./identifiers.ts";
import { stripped } from "./strip.ts";
import type { Column, Config, Mode } from "./types.ts";

const LONGEST_ID = 200;
const LONGEST_ATTRIBUTE = 1000;
const BARE_HASH = /^[0-9a-fA-F]{64}$/;
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g;
const CONTACT_ID = /^[1-9][0-9]{0,18}$/;
const LARGEST_CONTACT_ID = "9223372036854775807";

export interface CheckedRow {
  /** Why the row is rejected; empty if it is not. */
  problem: string;
  recordId: string;
  contactId: string;
  /** To be hashed, for each line it gets: one, and more where it has several of a kind. */
  lines: string[][];
  /** Hashes that stood in the file. */
  given: string[];
  attributes: string[];
  /** [reason, column] of cells left out. */
  cells: [string, string][];
  /** [reason, column] of cells repaired. */
  repairs: [string, string][];
}

export class RowChecker {
  readonly header: string[];
  private readonly readers: Reader[];
  private readonly made: string[];
  private readonly recordId?: Column;
  private readonly contactId?: Column;
  private readonly hashed: Column[];
  private readonly attributes: Column[];

  constructor(
    private readonly columns: Column[],
    private readonly mode: Mode,
    private readonly guard: Guard,
    config: Config,
  ) {
    const of = (role: string) => columns.filter((column) => column.role === role);
    this.readers = readers(columns, config.definition, config.country || null);
    this.made = this.readers.flatMap((reader) => (reader.line === 0 ? reader.names : []));
    [this.recordId] = of("crm_record_id");
    [this.contactId] = of("cep_contact_id");
    this.hashed = of("hashed");
    this.attributes = of("attribute").filter((column) => !column.isPersonal);
    this.header = [
      ...(this.recordId ? ["crm_record_id"] : []),
      ...(this.contactId ? ["cep_contact_id"] : []),
      ...this.made,
      ...this.hashed.map((column) => column.name),
      ...this.attributes.map((column) => column.name),
    ];
  }

  check(cells: string[]): CheckedRow {
    const row: CheckedRow = {
      problem: "", recordId: "", contactId: "", lines: [], given: [], attributes: [], cells: [], repairs: [],
    };
    if (cells.length !== this.columns.length) return { ...row, problem: "columns" };
    this.identifiers(cells, row);
    this.ids(cells, row);
    if (!row.problem) this.addAttributes(cells, row);
    return row;
  }

  /** The row's lines in the hashed file, given the hashes of its texts. */
  output(row: CheckedRow, hashes: string[][]): string[][] {
    const id = this.recordId ? [row.recordId] : [];
    const contact = this.contactId ? [row.contactId] : [];
    const rest = [...row.given, ...row.attributes];
    const blank = (cells: string[]) => cells.map(() => "");
    return hashes.map((line, n) =>
      n === 0 ? [...id, ...contact, ...line, ...rest] : [...id, ...blank(contact), ...line, ...blank(rest)]);
  }

  private identifiers(cells: string[], row: CheckedRow): void {
    const lines = [this.made.map(() => "")];
    for (const reader of this.readers) {
      const { texts, problem, repair } = reader.read(cells);
      const line = (lines[reader.line] ??= this.made.map(() => ""));
      const from = this.made.indexOf(reader.names[0]);
      texts.forEach((text, i) => (line[from + i] = text));
      const column = reader.names[0].split("_", 1)[0];
      if (problem) row.cells.push([problem, column]);
      if (repair) row.repairs.push([repair, column]);
    }
    row.lines = lines.filter((line, n) => n === 0 || line.some(Boolean));
    for (const column of this.hashed) {
      const [hash, problem] = givenHash(cells[column.position]);
      row.given.push(hash);
      if (problem) row.cells.push([problem, column.header]);
    }
  }

  private ids(cells: string[], row: CheckedRow): void {
    row.recordId = this.recordId ? stripped(cells[this.recordId.position]) : "";
    const contact = this.contactId ? stripped(cells[this.contactId.position]) : "";
    if (contact && !isContactId(contact)) row.cells.push(["bad_contact_id", this.contactId!.header]);
    else row.contactId = contact;
    const isUsable = isRecognisable(row);
    const mayBeNameless = this.mode === "opt-out" && isUsable;
    if (!row.recordId && !mayBeNameless) row.problem = "missing_record_id";
    else if (row.recordId && this.guard.isPersonal(row.recordId, true)) row.problem = "personal_record_id";
    else if (this.isBadId(row.recordId)) row.problem = "bad_record_id";
    else if (!isUsable && row.cells.length && this.mode !== "opt-out") row.problem = row.cells[0][0];
  }

  private isBadId(id: string): boolean {
    return isLonger(id, LONGEST_ID) || id.search(CONTROL) >= 0 || BARE_HASH.test(id);
  }

  private addAttributes(cells: string[], row: CheckedRow): void {
    for (const column of this.attributes) {
      const value = stripped(cells[column.position]);
      const problem = this.attributeProblem(value);
      row.attributes.push(problem ? "" : value.replace(CONTROL, " "));
      if (problem) row.cells.push([problem, column.header]);
    }
  }

  private attributeProblem(value: string): string {
    if (isLonger(value, LONGEST_ATTRIBUTE)) return "too_long";
    if (this.guard.isPersonal(value)) return "personal_attribute";
    return BARE_HASH.test(value) ? "hash_in_attribute" : "";
  }
}

/** By characters, of which some are two units of a string. */
function isLonger(text: string, most: number): boolean {
  return text.length > most && [...text].length > most;
}

/** Whether something in the row can recognise a person. */
export function isRecognisable(row: CheckedRow): boolean {
  return row.contactId !== "" || [...row.lines.flat(), ...row.given].some((text) => text !== "");
}

function isContactId(text: string): boolean {
  return CONTACT_ID.test(text) && (text.length < 19 || text <= LARGEST_CONTACT_ID);
}
