// The hashed file before it is sent: what became of the rows, and what exactly would leave.
import type { HashedFile, Outcome } from "../types.ts";
import type { App } from "./app.ts";
import { button, h, save } from "./dom.ts";
import type { Chosen, State } from "./state.ts";
import { card, notice } from "./views.ts";
import { count, lines, plural, WORDS } from "./words.ts";

type Hashed = Extract<State, { step: "hashed" }>;

export function hashedView(app: App, state: Hashed): HTMLElement {
  const { chosen, hashed } = state;
  const { account } = hashed;
  return card(
    h("div", { className: "top" }, h("h3", {}, chosen.file.name),
      button("Change the columns", () => app.change(chosen, {}), "link")),
    h("div", { className: "numbers" },
      tile(account.lines, "rows read"),
      tile(account.accepted, "rows ready"),
      app.takesIds ? null : tile(account.usable, "with something to recognise a person by"),
      tile(account.lines - account.accepted, "rows left out")),
    h("p", { className: "muted" }, WORDS[app.data.takes].done + speed(hashed)),
    problems(app, hashed),
    preview(hashed),
    state.problem ? notice(state.problem, "error") : null,
    account.accepted ? sending(app, state) : notice("No row of this file can be used."),
    downloads(app, chosen, hashed),
  );
}

function tile(value: number, label: string): HTMLElement {
  return h("div", {}, h("strong", {}, count(value)), h("span", {}, label));
}

function speed(hashed: HashedFile): string {
  if (hashed.seconds < 1) return " in less than a second.";
  const rate = Math.round(hashed.account.lines / hashed.seconds);
  return ` in ${hashed.seconds.toFixed(1)} seconds, ${count(rate)} rows a second.`;
}

const DONE: Record<Outcome, string> = {
  rejected: "row left out",
  cells: "value left out, row kept",
  repaired: "repaired and used",
};

function problems(app: App, hashed: HashedFile): HTMLElement | null {
  const { account } = hashed;
  const row = (outcome: Outcome, reason: string, total: number) =>
    h("tr", {},
      h("td", {}, app.data.reasons[reason] ?? reason),
      h("td", { className: "number" }, count(total)),
      h("td", {}, DONE[outcome]),
      h("td", { className: "muted" }, lines(account.firstLines[outcome][reason] ?? [], total)));
  const outcomes = Object.keys(DONE) as Outcome[];
  const rows = outcomes.flatMap((outcome) =>
    sorted(account[outcome]).map(([reason, total]) => row(outcome, reason, total)));
  if (rows.length === 0) return null;
  const head = h("tr", {}, ...["Remark", "How often", "What was done", "Where"].map((text) => h("th", {}, text)));
  return h("div", { className: "table" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
}

function sorted(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).sort((a, b) => b[1] - a[1]);
}

function preview(hashed: HashedFile): HTMLElement {
  return h("details", {},
    h("summary", {}, "See what leaves this computer"),
    h("pre", {}, hashed.header + hashed.sample.join("\n")));
}

function sending(app: App, state: Hashed): HTMLElement {
  const { chosen, hashed } = state;
  const name = app.data.lists.find(([id]) => id === chosen.list)?.[1] ?? "";
  const words = { "opt-in": "Upload", "opt-out": "Upload removals of", replace: "Replace the list with" };
  const label = `${words[chosen.mode]} ${plural(hashed.account.accepted, "row")}`;
  const go = button(label, () => void app.upload(state), "primary") as HTMLButtonElement;
  go.disabled = chosen.mode === "replace" && !state.isConfirmed;
  return h("div", {},
    chosen.mode === "replace" ? confirmation(app, state, name) : null,
    h("div", { className: "buttons" }, go, h("span", { className: "muted" }, `to the list ${name}`)));
}

function confirmation(app: App, state: Hashed, name: string): HTMLElement {
  const input = h("input", {
    type: "checkbox", id: "confirm", checked: state.isConfirmed,
    onchange: () => app.show({ ...state, isConfirmed: !state.isConfirmed }),
  });
  return h("label", { className: "confirm" }, input,
    `Whoever is on the list ${name} and not in this file leaves the list.`);
}

function downloads(app: App, chosen: Chosen, hashed: HashedFile): HTMLElement {
  const stem = chosen.file.name.replace(/\.[^.]*$/, "");
  const all = () => new Blob([hashed.header, ...hashed.pieces], { type: "text/csv" });
  const hasRemarks = Object.values(hashed.account.firstLines).some((found) => Object.keys(found).length > 0);
  return h("div", { className: "buttons" },
    button(WORDS[app.data.takes].file, () => save(all(), `${stem}-sent.csv`), "link"),
    hasRemarks ? button("Download the remarks by line", () => save(hashed.remarks, `${stem}-remarks.csv`), "link") : null);
}
