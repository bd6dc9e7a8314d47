// A function from a raw value to the text that is hashed, by field and profile.
import type { Definition } from "./definition.ts";
import { emailNormaliser } from "./emails.ts";
import { phoneNormaliser } from "./phones.ts";
import { PostalNormaliser } from "./postal.ts";
import { composed } from "./steps.ts";

export function normaliser(
  definition: Definition, field: string, profile: string, region: string | null,
): (raw: string) => string {
  const rules = definition.profiles[profile][field];
  if (field === "email") return emailNormaliser(definition, profile);
  if (field === "phone") return phoneNormaliser(definition, profile, region);
  if (field === "postal") {
    const postal = new PostalNormaliser(definition, region);
    return (raw) => postal.keyOf(raw);
  }
  return composed(rules.steps ?? [], definition);
}
