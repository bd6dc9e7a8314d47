// A replacement that withdraws much of its list: figures, and the client's name as the second click.
import type { App } from "./app.ts";
import { button, h } from "./dom.ts";
import type { State } from "./state.ts";
import { card, notice } from "./views.ts";

export function shrinkView(app: App, state: Extract<State, { step: "shrinking" }>): HTMLElement {
  const { ask, chosen } = state;
  const name = app.data.lists.find(([id]) => id === chosen.list)?.[1] ?? "";
  const input = h("input", { type: "text", id: "client-name", autocomplete: "off", maxLength: 200 }) as HTMLInputElement;
  const go = button(`Replace the list ${name} all the same`, () => void app.confirm(state, input.value), "primary") as HTMLButtonElement;
  go.disabled = true;
  input.oninput = () => (go.disabled = input.value.trim() !== ask.client);
  return card(
    h("p", { className: "notice warning", role: "alert" },
      h("strong", {}, ask.message), " Nothing has been changed yet. Is the file complete?"),
    h("label", { className: "typed" },
      h("span", {}, "If it is meant, type the client's name: ", h("strong", {}, ask.client)), input),
    state.problem ? notice(state.problem, "error") : null,
    h("div", { className: "buttons" }, go, button("Do not replace it", () => void app.giveUp(state))),
  );
}
