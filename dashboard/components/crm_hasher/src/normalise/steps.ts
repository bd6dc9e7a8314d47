// The small functions that a profile's steps name, and their composition.
import { countryCodes, NotNormal, type Definition, type Step } from "./definition.ts";
import { swedishPersonalId } from "./personal_id.ts";

type Run = (text: string) => string;

/** One function that takes all steps in order. */
export function composed(steps: Step[], definition: Definition): Run {
  const functions = steps.map((step) => made(step, definition));
  return (raw) => functions.reduce((text, run) => run(text), raw);
}

function made(step: Step, definition: Definition): Run {
  if (typeof step === "string") return simple(step, definition);
  if ("at" in step) return at(step.at as string[], step.drop as string[]);
  const [[name, argument]] = Object.entries(step);
  switch (name) {
    case "remove": return remove(argument as string, "g");
    case "remove_first": return remove(argument as string, "");
    case "strip": return (text) => stripped(text, argument as string);
    case "keep_first": return (text) => [...text].slice(0, argument as number).join("");
    default: throw new Error(`no step is called ${name}`);
  }
}

function simple(name: string, definition: Definition): Run {
  const { space } = definition;
  switch (name) {
    case "trim": return remove(`^${space}+|${space}+$`, "g");
    case "remove_space": return remove(space, "g");
    case "lower": return (text) => text.toLowerCase();
    case "upper": return (text) => text.toUpperCase();
    case "nfc": return (text) => text.normalize("NFC");
    case "country_code": return countryCode(definition);
    case "month_day_year": return monthDayYear;
    case "swedish_personal_id": return swedishPersonalId;
    default: throw new Error(`no step is called ${name}`);
  }
}

function remove(pattern: string, flags: string): Run {
  const compiled = new RegExp(pattern, flags);
  return (text) => text.replace(compiled, "");
}

function stripped(text: string, characters: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && characters.includes(text[from])) from += 1;
  while (to > from && characters.includes(text[to - 1])) to -= 1;
  return text.slice(from, to);
}

/** Drop dots and suffix of the local part of addresses at some domains only. */
function at(domains: string[], drop: string[]): Run {
  return (text) => {
    const cut = text.lastIndexOf("@");
    if (cut < 0 || !domains.includes(text.slice(cut + 1))) return text;
    let local = text.slice(0, cut);
    if (drop.includes("suffix")) local = local.split("+", 1)[0];
    if (drop.includes("dots")) local = local.replaceAll(".", "");
    return local + text.slice(cut);
  };
}

function countryCode(definition: Definition): Run {
  const codes = countryCodes(definition);
  return (text) => codes.get(text) ?? text;
}

function monthDayYear(text: string): string {
  const found = /^\s*(\d+)\s*\/\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text);
  if (!found) throw new NotNormal("field_value");
  const [month, day, year] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw new NotNormal("field_value");
  return date.toISOString().slice(0, 10).replaceAll("-", "");
}
