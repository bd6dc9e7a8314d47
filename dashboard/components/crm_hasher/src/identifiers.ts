// The identifiers of a row as the texts that are hashed, or why there is none.
import { NotNormal, type Definition } from "./normalise/definition.ts";
import { EMPTY_SHA256, Junk } from "./normalise/junk.ts";
import { normaliser } from "./normalise/normaliser.ts";
import { hasRepairedZero } from "./normalise/phones.ts";
import { PostalNormaliser } from "./normalise/postal.ts";
import { stripped } from "./strip.ts";
import type { Column, Role } from "./types.ts";

type Write = (raw: string) => string;

/** What one kind of identifier of a row came to. */
export interface Found {
  /** To be hashed, one for each output column; empty where there is none. */
  texts: string[];
  /** Why it cannot be used; empty if it can, or if the row has none. */
  problem: string;
  repair: string;
}

const NONE: Found = { texts: [], problem: "", repair: "" };

/** Reads one kind of identifier from rows. */
export interface Reader {
  names: string[];
  /** Further columns of a kind go to further lines of the hashed file. */
  line: number;
  read(cells: string[]): Found;
}

/** The readers that the columns call for. */
export function readers(columns: Column[], definition: Definition, region: string | null): Reader[] {
  const all = (role: Role) => columns.filter((column) => column.role === role);
  const at = (role: Role) => all(role)[0]?.position;
  const junk = new Junk(definition);
  const found = [
    ...all("email").map(({ position }, line) =>
      single("email", position, line, definition, region, (text) => junk.isEmail(text))),
    ...all("phone").map(({ position }, line) =>
      single("phone", position, line, definition, region, (text) => junk.isPhone(text))),
  ];
  const postal = postalWriter(at, definition, region);
  if (postal) found.push(postal);
  return found;
}

function single(
  type: string, position: number, line: number, definition: Definition, region: string | null,
  isJunk: (text: string) => boolean,
): Reader {
  const profiles = definition.hashed_with[type];
  const writes = profiles.map((profile) => normaliser(definition, type, profile, region));
  return {
    names: names(type, definition),
    line,
    read(cells) {
      const raw = stripped(cells[position]);
      if (raw === "") return NONE;
      const found = written(raw, writes);
      if (found.problem) return found;
      if (isJunk(found.texts[0])) return { ...NONE, problem: `junk_${type}` };
      if (type === "phone" && hasRepairedZero(definition, raw)) found.repair = "zero_dropped";
      return found;
    },
  };
}

function postalWriter(
  at: (role: Role) => number | undefined, definition: Definition, region: string | null,
): Reader | null {
  const [whole, country, postcode, number, extension] = (
    ["postal", "country", "postcode", "house_number", "extension"] as Role[]
  ).map(at);
  const postal = new PostalNormaliser(definition, region);
  const cell = (cells: string[], position?: number) =>
    position === undefined ? "" : stripped(cells[position]);
  if (whole !== undefined) {
    const write = (raw: string) => postal.keyOf(raw);
    return {
      names: names("postal", definition),
      line: 0,
      read: (cells) => (cell(cells, whole) === "" ? NONE : written(cell(cells, whole), [write])),
    };
  }
  if (postcode === undefined || number === undefined) return null;
  return {
    names: names("postal", definition),
    line: 0,
    read(cells) {
      const parts = [country, postcode, number, extension].map((position) => cell(cells, position));
      if (parts[1] === "" && parts[2] === "") return NONE;
      return written("", [() => postal.key(parts[0], parts[1], parts[2], parts[3])]);
    },
  };
}

/** By every profile; the first must work, the others are kept where they differ. */
function written(raw: string, writes: Write[]): Found {
  try {
    const first = writes[0](raw);
    const others = writes.slice(1).map((write) => otherwise(raw, write, first));
    return { texts: [first, ...others], problem: "", repair: "" };
  } catch (error) {
    if (error instanceof NotNormal) return { ...NONE, problem: error.reason };
    throw error;
  }
}

function otherwise(raw: string, write: Write, first: string): string {
  try {
    const text = write(raw);
    return text === first ? "" : text;
  } catch {
    return "";
  }
}

function names(type: string, definition: Definition): string[] {
  return definition.hashed_with[type].map((profile) => `${type}_sha256_${profile}`);
}

const HEX = /^[0-9a-f]{64}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;
const OTHER_HASH = /^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40})$/;

/** A hash that stands in the file already: [canonical, problem]. */
export function givenHash(cell: string): [string, string] {
  const text = stripped(cell);
  if (text === "") return ["", ""];
  const hex = BASE64.test(text) ? hexOf(text) : text.toLowerCase();
  if (HEX.test(hex)) return hex === EMPTY_SHA256 ? ["", "empty_hash"] : [hex, ""];
  return ["", OTHER_HASH.test(text) ? "bad_hash_algo" : "bad_hash"];
}

/** Base64 of either alphabet; 43 digits are 32 bytes and two bits that mean nothing. */
function hexOf(text: string): string {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
