// E-mail addresses: a profile's form, and whether the result is an address at all.
import isEmail from "validator/es/lib/isEmail";
import { NotNormal, type Definition } from "./definition.ts";
import { composed } from "./steps.ts";

const LABEL = "[a-z0-9]+(?:-[a-z0-9]+)*";
const ATOM = "[a-z0-9_+-]+";
const PLAIN = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+[a-z]{2,}$`);
const PLAIN_LENGTH = 63;
const NOBODYS = /(?:^|[.@])(?:arpa|invalid|local|localhost|onion|test)$/;
/* Domains that are never anybody's (RFC 6761). */
const UNUSABLE = /^"|[\p{C}\p{Z}]/u;
/* Quoted names, and what cannot be seen. */
const DOMAIN = /\.[^.]*[^.0-9][^.]*$/;

/** A function from a raw address to its normal form; it throws NotNormal. */
export function emailNormaliser(definition: Definition, profile: string): (raw: string) => string {
  const rules = definition.profiles[profile].email;
  const form = composed(rules.steps ?? [], definition);
  if (rules.check !== "address") return form;
  return (raw) => {
    const text = form(raw);
    if (!isAddress(text)) throw new NotNormal("email_syntax");
    return text;
  };
}

/** Whether a normalised text has the syntax of an e-mail address. */
export function isAddress(text: string): boolean {
  if (NOBODYS.test(text) || UNUSABLE.test(text)) return false;
  if (text.length <= PLAIN_LENGTH && PLAIN.test(text)) return true;
  return DOMAIN.test(text) && isEmail(text, { allow_utf8_local_part: true, require_tld: false });
}
