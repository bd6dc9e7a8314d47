// Space at both ends of a cell, as Python takes it off.
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ENDS = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

export function stripped(cell: string): string {
  return PLAIN.test(cell) ? cell : cell.replace(ENDS, "");
}
