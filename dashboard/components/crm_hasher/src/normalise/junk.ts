// Values that are well formed and belong to nobody: they would join strangers.
import type { Definition } from "./definition.ts";

export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export class Junk {
  private readonly names: Set<string>;
  private readonly domains: Set<string>;
  private readonly phoneEndings: string[];

  constructor(definition: Definition) {
    this.names = new Set(definition.junk.email_names);
    this.domains = new Set(definition.junk.email_domains);
    this.phoneEndings = definition.junk.phone_endings;
  }

  isEmail(normalised: string): boolean {
    const cut = normalised.indexOf("@");
    const local = normalised.slice(0, cut).split("+", 1)[0];
    return this.names.has(local) || this.domains.has(normalised.slice(cut + 1));
  }

  isPhone(normalised: string): boolean {
    return this.phoneEndings.some((ending) => normalised.endsWith(ending));
  }
}
