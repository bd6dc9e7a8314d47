// Telling readable personal data apart, by the server's own patterns.
import type { Guards } from "./types.ts";

const PHONE_DIGITS = { least: 9, most: 15 };

export class Guard {
  private readonly names: RegExp[];
  private readonly flag: RegExp;
  private readonly email: RegExp;
  private readonly phone: RegExp;
  private readonly phoneAsId: RegExp;

  constructor(guards: Guards) {
    this.names = guards.names.map((names) => new RegExp(`^(?:${names})$`));
    this.flag = new RegExp(`^(?:${guards.flag})$`);
    this.email = new RegExp(guards.email);
    this.phone = new RegExp(guards.phone, "g");
    this.phoneAsId = new RegExp(guards.phoneAsId, "g");
  }

  /** Whether a column of this name announces readable personal data. */
  isPersonalName(name: string): boolean {
    return !this.flag.test(name) && this.names.some((names) => names.test(name));
  }

  /** Whether a value looks like an e-mail address or a phone number. */
  isPersonal(text: string, isId = false): boolean {
    return this.email.test(text) || isPhone(text, isId ? this.phoneAsId : this.phone);
  }
}

function isPhone(text: string, pattern: RegExp): boolean {
  for (const found of text.matchAll(pattern)) {
    const digits = (found.groups?.number ?? "").replace(/\D/g, "").length;
    if (digits >= PHONE_DIGITS.least && digits <= PHONE_DIGITS.most) return true;
  }
  return false;
}
