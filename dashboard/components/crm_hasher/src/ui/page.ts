// The component: Streamlit calls the function whenever Python draws the page.
import { App, type Tell } from "./app.ts";
import { h } from "./dom.ts";
import type { PageData } from "./state.ts";

interface Component {
  data: PageData;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue: Tell;
}

const apps = new WeakMap<Node, App>();

export default function mount({ data, parentElement, setTriggerValue }: Component): () => void {
  const root = parentElement.querySelector("#crm-hasher") as HTMLElement;
  if (!window.isSecureContext) {
    root.replaceChildren(insecure());
    return () => {};
  }
  const app = apps.get(root);
  if (app) app.update(data, setTriggerValue);
  else apps.set(root, new App(root, data, setTriggerValue));
  return () => void setTimeout(() => {
    if (root.isConnected) return;
    apps.get(root)?.leave();
    apps.delete(root);
  });
}

/** Browsers hash only on pages that came over https or from this computer. */
function insecure(): HTMLElement {
  return h(
    "div", { className: "notice warning", role: "alert" },
    h("strong", {}, "This page did not come over https, so the browser will not hash here."),
    " Ask for its https address, or hash the file on your own computer: ",
    h("code", {}, "matchbook hash FILE -o OUT"),
  );
}
