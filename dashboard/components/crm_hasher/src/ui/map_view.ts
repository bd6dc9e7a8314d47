// The columns, what each is used as, and what the file means for its list.
import { ID_ROLES } from "../columns.ts";
import type { Column, Mode } from "../types.ts";
import type { App } from "./app.ts";
import { button, h, select } from "./dom.ts";
import type { Chosen, State } from "./state.ts";
import { card, notice } from "./views.ts";
import { bytes, leaving, MODES, ROLES, WORDS } from "./words.ts";

export function mapView(app: App, state: Extract<State, { step: "map" }>): HTMLElement {
  const { chosen, problem } = state;
  return card(
    h("div", { className: "top" },
      h("div", {}, h("h3", {}, chosen.file.name), h("span", { className: "muted" }, bytes(chosen.file.size))),
      button("Another file", () => app.again(), "link")),
    columnTable(app, chosen),
    app.takesIds ? null : choices(app, chosen),
    summary(chosen),
    problem ? notice(problem) : null,
    h("div", { className: "buttons" },
      button(WORDS[app.data.takes].begin, () => void app.hash(chosen), "primary"),
      h("span", { className: "promise" }, WORDS[app.data.takes].promise)),
  );
}

function columnTable(app: App, chosen: Chosen): HTMLElement {
  const head = h("tr", {}, ...["Column", "First rows", "Used as"].map((text) => h("th", {}, text)));
  const rows = chosen.columns.map((column) => columnRow(app, chosen, column));
  return h("div", { className: "table columns" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
}

function columnRow(app: App, chosen: Chosen, column: Column): HTMLElement {
  const examples = chosen.opened.rows.map((row) => row[column.position] ?? "").filter(Boolean);
  // A column of readable contact data may be hashed or left out, and nothing else.
  const roles = ROLES.filter(([role]) =>
    app.takesIds ? ID_ROLES.includes(role) : role !== "attribute" || !column.isPersonal);
  const role = select(
    `Use ${column.header || `column ${column.position + 1}`} as`, roles, column.role,
    (value) => app.assign(chosen, column.position, value as Column["role"]),
  );
  role.id = `role-${column.position}`;
  return h("tr", { className: column.role === "skip" ? "skipped" : "" },
    h("td", {}, column.header || `(column ${column.position + 1})`),
    h("td", { className: "examples" }, examples.slice(0, 3).join(" · ")),
    h("td", {}, role));
}

function choices(app: App, chosen: Chosen): HTMLElement {
  const modes = MODES.map(([mode, label, meaning]) => {
    const input = h("input", {
      type: "radio", name: "mode", id: `mode-${mode}`, checked: mode === chosen.mode,
      onchange: () => app.change(chosen, { mode: mode as Mode }),
    });
    return h("label", { className: "mode" }, input,
      h("span", {}, h("strong", {}, label), h("small", {}, meaning)));
  });
  const { lists, countries } = app.data;
  const list = select("List", lists, chosen.list, (value) => app.change(chosen, { list: value }));
  const country = select("Country", countries, chosen.country, (value) => app.change(chosen, { country: value }));
  list.id = "list";
  country.id = "country";
  return h("div", { className: "choices" },
    h("fieldset", {}, h("legend", {}, "What this file does to its list"), ...modes),
    h("div", { className: "fields" },
      h("label", {}, "List", list),
      h("label", {}, "Phone numbers and addresses without a country are from", country),
      app.data.isCountryAssumed
        ? h("small", { className: "muted" }, "Only assumed: nobody has said yet where this client's contacts are.")
        : null));
}

function summary(chosen: Chosen): HTMLElement {
  const [sent, kept] = leaving(chosen.columns);
  return h("dl", { className: "summary" },
    h("dt", {}, "Sent"), h("dd", {}, sent),
    ...(kept ? [h("dt", {}, "Stays here"), h("dd", {}, kept)] : []));
}
