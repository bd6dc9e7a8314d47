// Telephone numbers, read by libphonenumber and written in a profile's form.
import {
  getCountryCallingCode, parsePhoneNumberFromString, type CountryCode, type PhoneNumber,
} from "libphonenumber-js/max";
import { NotNormal, whole, type Definition } from "./definition.ts";

const FORMS: Record<string, (country: string, national: string) => string> = {
  digits: (country, national) => country + national,
  e164: (country, national) => `+${country}${national}`,
  national: (_country, national) => national,
};

/** A function from a raw number to its normal form; it throws NotNormal. */
export function phoneNormaliser(
  definition: Definition, profile: string, region: string | null,
): (raw: string) => string {
  const rules = definition.profiles[profile].phone;
  const reader = new Reader(definition, region);
  const write = FORMS[rules.form ?? "digits"];
  const wholes = new Map(
    Object.entries(rules.whole_by_country ?? {}).map(([code, pattern]) => [code, whole(pattern)]),
  );
  return (raw) => {
    const [country, national] = reader.read(raw);
    const text = write(country, national);
    if (wholes.get(country)?.test(text) === false) throw new NotNormal("phone_invalid");
    return text;
  };
}

/** Whether a number was given as +31 (0)6…: read without the zero, and worth a remark. */
export function hasRepairedZero(definition: Definition, raw: string): boolean {
  const { zero, international } = definition.phone;
  return new RegExp(zero).test(raw) && new RegExp(international).test(raw);
}

class Reader {
  private readonly label: RegExp;
  private readonly letters: RegExp;
  private readonly separators: RegExp;
  private readonly isInternational: RegExp;
  private readonly zero: RegExp;
  private readonly plain: { whole: RegExp; country: string } | null;

  constructor(definition: Definition, private readonly region: string | null) {
    const rules = definition.phone;
    this.label = new RegExp(rules.label);
    this.letters = new RegExp(rules.letters);
    this.separators = new RegExp(rules.separators, "g");
    this.isInternational = new RegExp(rules.international);
    this.zero = new RegExp(rules.zero, "g");
    const plain = rules.plain[region ?? ""];
    this.plain = plain ? { whole: whole(plain.whole), country: plain.country } : null;
  }

  /** Country calling code and national number: plain ones at once, the others by the library. */
  read(raw: string): [string, string] {
    if (this.plain && raw.search(this.zero) < 0) {
      const found = this.plain.whole.exec(raw) ?? this.plain.whole.exec(raw.replace(this.separators, ""));
      if (found) return [this.plain.country, found[1]];
    }
    const number = this.byLibrary(raw);
    return [String(number.countryCallingCode), number.nationalNumber];
  }

  private byLibrary(raw: string): PhoneNumber {
    const text = raw.trim().replace(this.label, "");
    if (this.letters.test(text)) throw new NotNormal("phone_invalid");
    const hasCountry = this.isInternational.test(text);
    let number = hasCountry ? this.international(text) : null;
    if (number === null && this.region === null) {
      throw new NotNormal(hasCountry ? "phone_invalid" : "normalisation");
    }
    number ??= this.national(text, this.region as CountryCode);
    if (number === null) throw new NotNormal("phone_invalid");
    return number;
  }

  private international(text: string): PhoneNumber | null {
    const bare = text.replace(/^[ (]+|[ (]+$/g, "").replace(/^\uff0b/, "+");
    const dialled = bare.startsWith("00") ? `+${bare.slice(2)}` : bare;
    return possible(dialled) ?? possible(dialled.replace(this.zero, ""));
  }

  /** As dialled inside the region, or with its country code but no plus. */
  private national(text: string, region: CountryCode): PhoneNumber | null {
    const number = possible(text, region);
    if (number?.isValid()) return number;
    const digits = text.replace(this.separators, "");
    if (digits.startsWith(getCountryCallingCode(region))) return possible(`+${digits}`) ?? number;
    return number;
  }
}

function possible(text: string, region?: CountryCode): PhoneNumber | null {
  const number = parsePhoneNumberFromString(text, region);
  return number?.isPossible() ? number : null;
}
