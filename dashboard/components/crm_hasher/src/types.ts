// What the page, the worker and Python say to each other.
import type { Definition } from "./normalise/definition.ts";

/** How a column of the file is used. */
export type Role =
  | "skip" | "crm_record_id" | "cep_contact_id" | "email" | "phone" | "postal"
  | "country" | "postcode" | "house_number" | "extension"
  | "hashed" | "attribute";

export interface Column {
  position: number;
  header: string;
  /** Snake case ASCII: what the column is called in the hashed file. */
  name: string;
  role: Role;
  /** It announces readable personal data: never an attribute. */
  isPersonal: boolean;
}

/** Patterns of readable personal data, the server's own (matchbook.crm_files). */
export interface Guards {
  names: string[];
  flag: string;
  email: string;
  phone: string;
  phoneAsId: string;
}

/** Which headers are recognised: matchbook/normalisation/headers.json. */
export interface Headers {
  fields: Record<string, string[]>;
  /** Fields that several columns may have. */
  several: string[];
  hashed: string;
}

export interface Config {
  guards: Guards;
  headers: Headers;
  definition: Definition;
  /** Phones and addresses without a country are of this one; empty: they are left out. */
  country: string;
}

export type Mode = "opt-in" | "opt-out" | "replace";

export interface Opened {
  columns: Column[];
  /** The first rows, for the person at this computer only. */
  rows: string[][];
  /** Line of the header. */
  headerLine: number;
}

export type Outcome = "rejected" | "cells" | "repaired";

export interface Account {
  lines: number;
  accepted: number;
  /** Rows with something to recognise a person by. */
  usable: number;
  rejected: Record<string, number>;
  /** Cells left out of accepted rows. */
  cells: Record<string, number>;
  /** Repairs of accepted cells, by what was repaired. */
  repaired: Record<string, number>;
  /** The first lines of each reason, apart for each of the three. */
  firstLines: Record<Outcome, Record<string, number[]>>;
}

export interface HashedFile {
  account: Account;
  header: string;
  /** Whole rows in each; the header is in none. */
  pieces: Blob[];
  remarks: Blob;
  sample: string[];
  seconds: number;
}

export type Request =
  | { kind: "open"; id: number; file: File; config: Config }
  | { kind: "hash"; id: number; file: File; columns: Column[]; mode: Mode; config: Config }
  | { kind: "normalise"; id: number; type: string; profile: string; raw: string; config: Config };

export type Reply =
  | { kind: "opened"; id: number; opened: Opened }
  | { kind: "progress"; id: number; share: number; lines: number; rejected: number }
  | { kind: "hashed"; id: number; hashed: HashedFile }
  | { kind: "normalised"; id: number; value: unknown }
  | { kind: "refused"; id: number; reason: string; message: string };

/** The file as a whole cannot be used. */
export class Refused extends Error {
  constructor(readonly reason: string, message: string) {
    super(message);
  }
}
