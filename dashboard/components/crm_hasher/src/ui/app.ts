// From a dropped file to an upload: what is shown, and what each button does.
import { mayRepeat, onlyIds } from "../columns.ts";
import type { Column, Mode, Role } from "../types.ts";
import { Engine, Failed } from "./engine.ts";
import type { Chosen, PageData, State } from "./state.ts";
import { confirmShrink, giveUp, send, Shrinks } from "./upload.ts";
import { view } from "./views.ts";

type Shrinking = Extract<State, { step: "shrinking" }>;
export type Tell = (name: string, value: unknown) => void;

export class App {
  state: State = { step: "choose", problem: "" };
  private readonly engine: Engine;
  private asked: { nonce: string; done: (ticket: string) => void; failed: (error: Error) => void } | null = null;

  constructor(private readonly root: Element, public data: PageData, private tell: Tell) {
    this.engine = new Engine(data.worker);
    this.draw();
  }

  /** Python drew the page again. */
  update(data: PageData, tell: Tell): void {
    this.data = data;
    this.tell = tell;
    if ("chosen" in this.state) this.retarget(this.state.chosen);
    const { asked } = this;
    if (!asked || data.ticket?.nonce !== asked.nonce) return;
    this.asked = null;
    if (data.ticket.ticket) asked.done(data.ticket.ticket);
    else asked.failed(new Failed("refused", data.ticket.refusal));
  }

  get takesIds(): boolean {
    return this.data.takes === "ids";
  }

  leave(): void {
    this.engine.stop();
  }

  async choose(file: File): Promise<void> {
    this.show({ step: "opening", file });
    try {
      const opened = await this.engine.open(file, this.data.config);
      const columns = this.takesIds ? onlyIds(opened.columns) : opened.columns;
      const chosen: Chosen = {
        file, opened, columns, list: this.data.lists[0]?.[0] ?? "",
        mode: "opt-in", country: this.data.config.country,
      };
      this.retarget(chosen);
      this.show({ step: "map", chosen, problem: "" });
    } catch (error) {
      this.show({ step: "choose", problem: said(error) });
    }
  }

  /** Give a column a role; whoever had it before is left out. */
  assign(chosen: Chosen, position: number, role: Role): void {
    const isShared = mayRepeat(role, this.data.config.headers);
    const columns = chosen.columns.map((column: Column) => {
      if (column.position === position) return { ...column, role };
      return !isShared && column.role === role ? { ...column, role: "skip" as Role } : column;
    });
    this.show({ step: "map", chosen: { ...chosen, columns }, problem: "" });
  }

  change(chosen: Chosen, change: Partial<Chosen>): void {
    this.show({ step: "map", chosen: { ...chosen, ...change }, problem: "" });
  }

  async hash(chosen: Chosen): Promise<void> {
    const problem = missing(chosen.columns, chosen.mode, this.takesIds);
    if (problem) return this.show({ step: "map", chosen, problem });
    const began = performance.now();
    this.show({ step: "hashing", chosen, share: 0, lines: 0, rejected: 0, began });
    try {
      const config = { ...this.data.config, country: chosen.country };
      const hashed = await this.engine.hash(
        chosen.file, chosen.columns, chosen.mode, config,
        ({ share, lines, rejected }) => this.show({ step: "hashing", chosen, share, lines, rejected, began }),
      );
      this.show({ step: "hashed", chosen, hashed, problem: "", isConfirmed: false });
    } catch (error) {
      this.show({ step: "map", chosen, problem: said(error) });
    }
  }

  cancel(chosen: Chosen): void {
    this.engine.stop();
    this.show({ step: "map", chosen, problem: "" });
  }

  async upload(state: Extract<State, { step: "hashed" }>): Promise<void> {
    const { chosen, hashed } = state;
    this.show({ step: "sending", chosen, hashed, share: 0 });
    try {
      const ticket = await this.leaveToUpload(chosen.list, chosen.mode);
      const received = await send(hashed, ticket, (share) =>
        this.show({ step: "sending", chosen, hashed, share }),
      );
      this.show({ step: "sent", chosen, hashed, received });
      this.tell("sent", received.file_name);
    } catch (error) {
      if (error instanceof Shrinks) this.show({ step: "shrinking", chosen, hashed, ask: error.ask, problem: "" });
      else this.show({ ...state, problem: said(error) });
    }
  }

  /** Replace although much of the list leaves: the client's name was typed. */
  async confirm(state: Shrinking, typed: string): Promise<void> {
    const { chosen, hashed } = state;
    this.show({ step: "sending", chosen, hashed, share: 1 });
    try {
      const received = await confirmShrink(state.ask, typed);
      this.show({ step: "sent", chosen, hashed, received });
      this.tell("sent", received.file_name);
    } catch (error) {
      this.show({ ...state, problem: said(error) });
    }
  }

  async giveUp(state: Shrinking): Promise<void> {
    await giveUp(state.ask);
    this.show({ step: "hashed", chosen: state.chosen, hashed: state.hashed, problem: "", isConfirmed: false });
  }

  again(): void {
    this.engine.stop();
    this.show({ step: "choose", problem: "" });
  }

  show(state: State): void {
    const isSame = state.step === this.state.step;
    this.state = state;
    this.draw(isSame);
  }

  /** A ticket for one upload, signed by the server when it is asked for. */
  private leaveToUpload(list: string, mode: Mode): Promise<string> {
    const nonce = crypto.randomUUID();
    this.tell("asks", { list, mode, nonce });
    return new Promise((done, failed) => {
      this.asked = { nonce, done, failed };
    });
  }

  /** Where ids go, and whether they replace others, is chosen outside the component. */
  private retarget(chosen: Chosen): void {
    if (!this.takesIds) return;
    chosen.list = this.data.lists[0]?.[0] ?? "";
    chosen.mode = this.data.isNew ? "opt-in" : "replace";
    if ("chosen" in this.state) this.draw(true);
  }

  private draw(isSame = false): void {
    const focused = isSame ? (this.root.getRootNode() as ShadowRoot).activeElement?.id : "";
    this.root.replaceChildren(view(this));
    if (focused) this.root.querySelector<HTMLElement>(`#${focused}`)?.focus();
  }
}

/** What the file still lacks to be of use. */
function missing(columns: Column[], mode: Mode, takesIds: boolean): string {
  const has = (...roles: Role[]) => columns.some((column) => roles.includes(column.role));
  const hasAddress = has("postal") || (has("postcode") && has("house_number"));
  const hasIdentifier = hasAddress || has("email", "phone", "hashed", "cep_contact_id");
  if (mode === "opt-out" && (hasIdentifier || has("crm_record_id"))) return "";
  if (!has("crm_record_id")) return "Say which column holds the CRM record id: your own number of a contact.";
  if (!hasIdentifier && !takesIds) return "Say which column holds e-mail addresses, phone numbers or addresses.";
  return "";
}

function said(error: unknown): string {
  return error instanceof Failed ? error.message : "Something went wrong in the browser. Try again.";
}
