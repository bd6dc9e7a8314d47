// What the columns of a file are, by their headers; the person can say otherwise.
import { whole } from "./normalise/definition.ts";
import type { Guard } from "./guards.ts";
import { stripped } from "./strip.ts";
import type { Column, Headers, Role } from "./types.ts";

const LONGEST_NAME = 63;

/** The columns with the role each seems to have; only some roles are given more than once. */
export function recognise(header: string[], headers: Headers, guard: Guard): Column[] {
  const hashed = whole(headers.hashed);
  const taken = new Set<Role>();
  const names = new Set<string>();
  return header.map((cell, position) => {
    const name = apart(snake(cell) || `column_${position + 1}`, position, names);
    const isHashed = hashed.test(name);
    const isPersonal = !isHashed && (guard.isPersonalName(name) || guard.isPersonal(cell));
    const found = isHashed ? "hashed" : roleOf(name, headers);
    const role = found && !taken.has(found) ? found : isPersonal ? "skip" : "attribute";
    if (!mayRepeat(role, headers)) taken.add(role);
    return { position, header: stripped(cell), name, role, isPersonal };
  });
}

/** Whether several columns may have the role. */
export function mayRepeat(role: Role, headers: Headers): boolean {
  return ["skip", "attribute", "hashed", ...headers.several].includes(role);
}

function roleOf(name: string, headers: Headers): Role | null {
  const found = Object.entries(headers.fields).find(([, synonyms]) => synonyms.includes(name));
  return found ? (found[0] as Role) : null;
}

/** What a column can be where CRM record ids are all that is taken. */
export const ID_ROLES: Role[] = ["skip", "crm_record_id"];

/** The columns with everything else left out. */
export function onlyIds(columns: Column[]): Column[] {
  return columns.map((column) => (ID_ROLES.includes(column.role) ? column : { ...column, role: "skip" }));
}

/** A header as the server writes it: snake case, ASCII. */
export function snake(cell: string): string {
  const ascii = stripped(cell).normalize("NFKD").replace(/[^\x00-\x7f]/g, "");
  return ascii.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
}

function apart(name: string, position: number, taken: Set<string>): string {
  const short = name.slice(0, LONGEST_NAME).replace(/_+$/, "");
  const own = taken.has(short) ? `${short.slice(0, LONGEST_NAME - 5)}_${position + 1}` : short;
  taken.add(own);
  return own;
}
