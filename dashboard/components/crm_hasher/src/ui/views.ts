// What each step looks like.
import type { App } from "./app.ts";
import { button, h, save } from "./dom.ts";
import { mapView } from "./map_view.ts";
import { hashedView } from "./result_view.ts";
import { shrinkView } from "./shrink_view.ts";
import type { State } from "./state.ts";
import { count, plural, WORDS } from "./words.ts";

export function view(app: App): HTMLElement {
  const { state } = app;
  switch (state.step) {
    case "choose": return chooseView(app, state.problem);
    case "opening": return card(h("p", {}, `Opening ${state.file.name} …`));
    case "map": return mapView(app, state);
    case "hashing": return hashingView(app, state);
    case "hashed": return hashedView(app, state);
    case "sending": return sendingView(app, state);
    case "shrinking": return shrinkView(app, state);
    case "sent": return sentView(app, state);
  }
}

export function card(...children: (Node | string | null)[]): HTMLElement {
  return h("section", { className: "card" }, ...children);
}

export function notice(text: string, kind = "warning"): HTMLElement {
  return h("p", { className: `notice ${kind}`, role: "alert" }, text);
}

function chooseView(app: App, problem: string): HTMLElement {
  const words = WORDS[app.data.takes];
  const input = h("input", { type: "file", id: "file", accept: ".csv,.txt,.tsv,.xlsx" }) as HTMLInputElement;
  input.onchange = () => input.files?.[0] && void app.choose(input.files[0]);
  const zone = h(
    "label", { className: "drop", htmlFor: "file" },
    h("strong", {}, words.drop),
    h("span", {}, "or choose one: CSV or Excel (.xlsx), up to some millions of rows"),
    input,
  );
  zone.ondragover = (event) => (event.preventDefault(), zone.classList.add("over"));
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void app.choose(file);
  };
  const sample = new Blob([words.sample], { type: "text/csv" });
  const take = button("Download a sample file", () => save(sample, "sample.csv"), "link");
  return h(
    "div", {}, problem ? notice(problem, "error") : null, zone,
    h("div", { className: "under" }, h("span", { className: "promise" }, words.promise), take),
  );
}

function hashingView(app: App, state: Extract<State, { step: "hashing" }>): HTMLElement {
  const seconds = (performance.now() - state.began) / 1000;
  const left = state.share > 0.02 ? Math.ceil((seconds / state.share) * (1 - state.share)) : 0;
  const rejected = state.rejected ? ` · ${count(state.rejected)} left out` : "";
  return card(
    h("h3", {}, WORDS[app.data.takes].doing),
    bar(state.share, "Hashed"),
    h("p", { className: "muted" }, `${plural(state.lines, "row")}${rejected}${left ? ` · ${plural(left, "second")} to go` : ""}`),
    h("div", { className: "buttons" }, button("Cancel", () => app.cancel(state.chosen))),
  );
}

function sendingView(app: App, state: Extract<State, { step: "sending" }>): HTMLElement {
  return card(
    h("h3", {}, WORDS[app.data.takes].sending),
    bar(state.share, "Sent"),
    h("p", { className: "muted" }, "Leave this page open until it is done."),
  );
}

function sentView(app: App, state: Extract<State, { step: "sent" }>): HTMLElement {
  const { received } = state;
  const turned = received.lines - received.accepted;
  return card(
    h("p", { className: "notice check", role: "status" },
      h("strong", {}, `${plural(received.accepted, "row")} received.`),
      turned ? ` ${plural(turned, "row")} could not be used.` : ""),
    h("h3", {}, "What happens next"),
    h("ol", { className: "next" }, ...WORDS[app.data.takes].next.map((text) => h("li", {}, text))),
    h("div", { className: "buttons" }, button("Upload another file", () => app.again())),
  );
}

function bar(share: number, label: string): HTMLElement {
  const percent = Math.round(share * 100);
  return h("div", { className: "progress" },
    h("progress", { max: 100, value: percent, ariaLabel: label }), h("span", {}, `${percent} %`));
}
