// What the component says where a number or a code stands.
import type { Column, Mode, Role } from "../types.ts";
import type { Takes } from "./state.ts";

export const ROLES: [Role, string][] = [
  ["skip", "Leave out: stays here"],
  ["crm_record_id", "CRM record id"],
  ["cep_contact_id", "CEP contact id"],
  ["email", "E-mail address → hash"],
  ["phone", "Phone number → hash"],
  ["postal", "Address NL|1234AB|12|A → hash"],
  ["country", "Address: country"],
  ["postcode", "Address: postcode"],
  ["house_number", "Address: house number"],
  ["extension", "Address: number extension"],
  ["hashed", "Already a SHA-256 hash"],
  ["attribute", "Attribute: sent as it is"],
];

export const MODES: [Mode, string, string][] = [
  ["opt-in", "Add or update", "New contacts come in, known ones are updated. Nobody leaves the list."],
  ["opt-out", "Remove", "The contacts of this file are taken off the list."],
  ["replace", "Replace all", "The list becomes exactly this file. Whoever is missing from it leaves the list."],
];

const SAMPLE =
  "crm_record_id,email,phone,country,postcode,house_number,extension,segment\r\n" +
  "C-1001,anna@customers.example,06 12 34 56 78,NL,1234 AB,12,A,loyal\r\n" +
  "C-1002,Bram@customers.example,+31 20 123 4567,NL,2345 BC,7,,new\r\n" +
  "C-1003,chris+shop@customers.example,,BE,1000,15,bus 3,regular\r\n";

interface Words {
  drop: string; promise: string; sample: string; begin: string; doing: string; done: string;
  file: string; sending: string; next: string[];
}

/** What is said differently, by what is taken from a file. */
export const WORDS: Record<Takes, Words> = {
  contacts: {
    drop: "Drop your CRM file here",
    promise: "Hashed in your browser. Nothing readable leaves this computer.",
    sample: SAMPLE,
    begin: "Hash on this computer",
    doing: "Hashing on this computer",
    done: "Hashed here",
    file: "Download the hashed file",
    sending: "Sending the hashes",
    next: [
      "Tonight's run puts the file on its list. What we got of it is deleted then.",
      "Every hash is replaced by a key that only works here. No hash stays at rest.",
      "From tomorrow on these contacts count in the match rates. A contact can be matched only " +
        "after a click, a read or a sign-in, so the share grows from day to day: the tab " +
        "History says how much of this upload is matched.",
    ],
  },
  ids: {
    drop: "Drop a file with CRM record ids here",
    promise: "Read in your browser. Only the CRM record ids leave this computer.",
    sample: "crm_record_id\r\nC-1001\r\nC-1002\r\nC-1003\r\n",
    begin: "Read on this computer",
    doing: "Reading on this computer",
    done: "Read here",
    file: "Download what is sent",
    sending: "Sending the record ids",
    next: [
      "The list is exactly this file from now on.",
      "Audiences that use the list are refreshed now; their sizes follow in a moment.",
    ],
  },
};

const number = new Intl.NumberFormat("en");

export const count = (value: number): string => number.format(value);

export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

export function bytes(size: number): string {
  if (size < 1 << 20) return `${count(Math.max(1, Math.round(size / 1024)))} kB`;
  return `${(size / (1 << 20)).toFixed(1)} MB`;
}

/** "lines 3, 8 and 12", "line 4", "lines 3, 8, 12 and 40 more". */
export function lines(first: number[], total: number): string {
  const more = total - first.length;
  const shown = first.map(count);
  if (more > 0) shown.push(`${count(more)} more`);
  const last = shown.pop();
  return `line${total === 1 ? "" : "s"} ${shown.length ? `${shown.join(", ")} and ` : ""}${last}`;
}

/** What the hashed file will hold and what stays, in two sentences. */
export function leaving(columns: Column[]): [string, string] {
  const of = (...roles: Role[]) => columns.filter((column) => roles.includes(column.role));
  const address = of("postal").length || (of("postcode").length && of("house_number").length);
  const hashed = [
    of("email").length && "e-mail address", of("phone").length && "phone number",
    address && "postal address",
  ].filter(Boolean);
  const sent = [
    hashed.length ? `the hash of the ${listed(hashed as string[])}` : "",
    ...of("crm_record_id", "cep_contact_id", "hashed", "attribute").map((column) => column.header),
  ].filter(Boolean);
  const kept = of("skip").map((column) => column.header || "a column without a name");
  return [sent.length ? listed(sent) : "nothing yet", kept.length ? listed(kept) : ""];
}

function listed(words: string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
