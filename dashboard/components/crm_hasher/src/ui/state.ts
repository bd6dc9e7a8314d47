// What the component shows, and what it was told by Python.
import type { Column, Config, HashedFile, Mode, Opened } from "../types.ts";
import type { Received, Shrink } from "./upload.ts";

/** What is taken from a file: contacts, or CRM record ids and nothing else. */
export type Takes = "contacts" | "ids";

export interface PageData {
  takes: Takes;
  config: Config;
  /** [list id, name]; where ids are taken, the one they go to. */
  lists: [string, string][];
  /** [code, name] */
  countries: [string, string][];
  /** The registry does not say which of them is the client's. */
  isCountryAssumed: boolean;
  /** Nothing is on the list yet. */
  isNew?: boolean;
  worker: string;
  /** Reason code → words. */
  reasons: Record<string, string>;
  /** The answer to the last question for leave to upload. */
  ticket: { nonce: string; ticket: string; refusal: string } | null;
}

export interface Chosen {
  file: File;
  opened: Opened;
  columns: Column[];
  list: string;
  mode: Mode;
  country: string;
}

export type State =
  | { step: "choose"; problem: string }
  | { step: "opening"; file: File }
  | { step: "map"; chosen: Chosen; problem: string }
  | { step: "hashing"; chosen: Chosen; share: number; lines: number; rejected: number; began: number }
  | { step: "hashed"; chosen: Chosen; hashed: HashedFile; problem: string; isConfirmed: boolean }
  | { step: "sending"; chosen: Chosen; hashed: HashedFile; share: number }
  | { step: "shrinking"; chosen: Chosen; hashed: HashedFile; ask: Shrink; problem: string }
  | { step: "sent"; chosen: Chosen; hashed: HashedFile; received: Received };
