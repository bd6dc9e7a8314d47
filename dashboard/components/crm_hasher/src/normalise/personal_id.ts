// Swedish personal ids: twelve digits, the century told by the separator of the short form.
import { NotNormal } from "./definition.ts";

const FORM = /^([0-9]{2})?([0-9]{2})([0-9]{4})([+-]?)([0-9]{4})$/;

/** YYYYMMDDNNNN. In the short form "+" means at least a hundred years old. */
export function swedishPersonalId(text: string): string {
  const found = FORM.exec(text.trim());
  if (!found) throw new NotNormal("personal_id");
  const [, century, year, day, sign, number] = found;
  return (century ?? centuryOf(Number(year), sign === "+")) + year + day + number;
}

function centuryOf(year: number, isOld: boolean): string {
  const now = new Date().getUTCFullYear();
  return String(Math.floor(now / 100) - Number(year > now % 100) - Number(isOld));
}
