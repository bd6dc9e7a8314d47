// Elements made by hand: text is text, never HTML.

type Child = Node | string | null | false | undefined;
type Properties = Record<string, unknown>;

/** An element; properties that are functions or known to it are set, others are attributes. */
export function h(tag: string, properties: Properties = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name in element && name !== "list") (element as unknown as Properties)[name] = value;
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

export function button(label: string, onclick: () => void, kind = "secondary"): HTMLElement {
  return h("button", { type: "button", className: kind, onclick }, label);
}

/** A choice of one; options are [value, label]. */
export function select(
  label: string, options: [string, string][], value: string, onchange: (value: string) => void,
): HTMLElement {
  const made = h("select", { ariaLabel: label }) as HTMLSelectElement;
  made.append(...options.map(([key, text]) => h("option", { value: key }, text)));
  made.value = value;
  made.onchange = () => onchange(made.value);
  return made;
}

/** Hand a file to the person. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
