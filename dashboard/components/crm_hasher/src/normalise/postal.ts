// Postal addresses as country|postcode|house number|extension.
import { countryCodes, NotNormal, whole, type CountryRules, type Definition } from "./definition.ts";

interface Compiled {
  whole: RegExp;
  remove: RegExp | null;
  not: RegExp | null;
  extensionWithout: RegExp | null;
}

export class PostalNormaliser {
  private readonly codes: Map<string, string>;
  private readonly number: RegExp;
  private readonly dropped: RegExp;
  private readonly space: RegExp;
  private readonly compiled = new Map<string, Compiled>();

  constructor(private readonly definition: Definition, private readonly region: string | null) {
    this.codes = countryCodes(definition);
    this.number = whole(definition.postal.number.whole, "s");
    this.dropped = new RegExp(definition.postal.extension_keeps, "g");
    this.space = new RegExp(definition.space, "g");
  }

  /** The text that is hashed, of parts put between bars. Throws NotNormal. */
  keyOf(text: string): string {
    const parts = text.split("|");
    if (parts.length < 3 || parts.length > 4) throw new NotNormal("postal_form");
    return this.key(parts[0], parts[1], parts[2], parts[3] ?? "");
  }

  key(country: string, postcode: string, houseNumber: string, extension: string): string {
    const code = this.country(country);
    const rules = this.rules(code);
    const number = this.number.exec(this.packed(houseNumber));
    if (!number) throw new NotNormal("house_number");
    const added = ((number[2] ?? "") + this.packed(extension)).replace(this.dropped, "");
    const postal = this.postcode(rules, this.packed(postcode));
    return `${code}|${postal}|${number[1]}|${cut(added, rules.extensionWithout)}`;
  }

  private country(given: string): string {
    const text = given.trim();
    if (!text && this.region === null) throw new NotNormal("normalisation");
    if (!text) return this.region as string;
    const code = this.codes.get(text.toLowerCase()) ?? text.toUpperCase();
    if (!/^[A-Z]{2}$/.test(code)) throw new NotNormal("country");
    return code;
  }

  private postcode(rules: Compiled, text: string): string {
    const code = cut(text, rules.remove);
    if (!rules.whole.test(code) || rules.not?.test(code)) throw new NotNormal("postal_code");
    return code;
  }

  private rules(country: string): Compiled {
    let found = this.compiled.get(country);
    if (!found) {
      const { countries, other } = this.definition.postal;
      found = compile(countries[country] ?? other);
      this.compiled.set(country, found);
    }
    return found;
  }

  private packed(text: string): string {
    return text.replace(this.space, "").toUpperCase();
  }
}

function compile(said: CountryRules): Compiled {
  return {
    whole: whole(said.whole),
    remove: said.remove ? new RegExp(said.remove, "g") : null,
    not: said.not ? whole(said.not) : null,
    extensionWithout: said.extension_without ? new RegExp(said.extension_without, "g") : null,
  };
}

function cut(text: string, pattern: RegExp | null): string {
  return pattern ? text.replace(pattern, "") : text;
}
