// The shape of matchbook/normalisation/definition.json, the one definition of all profiles.

export type Step = string | Record<string, unknown>;

export interface FieldRules {
  steps?: Step[];
  check?: string;
  form?: string;
  whole_by_country?: Record<string, string>;
}

export interface CountryRules {
  remove?: string;
  whole: string;
  not?: string;
  extension_without?: string;
}

export interface Definition {
  space: string;
  profiles: Record<string, Record<string, FieldRules>>;
  hashed_with: Record<string, string[]>;
  phone: {
    label: string;
    separators: string;
    letters: string;
    international: string;
    zero: string;
    plain: Record<string, { whole: string; country: string }>;
  };
  postal: {
    number: { whole: string };
    extension_keeps: string;
    countries: Record<string, CountryRules>;
    other: CountryRules;
  };
  country_names: Record<string, string[]>;
  junk: { email_names: string[]; email_domains: string[]; phone_endings: string[] };
}

/** A value that has no normal form: a reason code, never the value. */
export class NotNormal extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

export function whole(pattern: string, flags = ""): RegExp {
  return new RegExp(`^(?:${pattern})$`, flags);
}

/** Country names in lower case → ISO 3166-1 alpha-2. */
export function countryCodes(definition: Definition): Map<string, string> {
  const codes = new Map<string, string>();
  for (const [code, names] of Object.entries(definition.country_names)) {
    for (const name of names) codes.set(name, code);
  }
  return codes;
}
