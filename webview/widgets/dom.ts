// Making elements without markup: text goes in as text, so captured bytes can never become elements.

type Child = Node | string | undefined;

interface Attributes {
  class?: string;
  text?: string;
  title?: string;
  role?: string;
  [name: string]: string | undefined;
}

/** Makes an HTML element. `class` and `text` are set as such, everything else as an attribute. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (name === 'class') element.className = value;
    else if (name === 'text') element.textContent = value;
    else element.setAttribute(name, value);
  }
  for (const child of children) if (child !== undefined) element.append(child);
  return element;
}

/** Sets text only when it changed: rows are redrawn far more often than they change. */
export function setText(element: Node, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** What the page consumed must not reach the workbench, which hears every key that bubbles to the window. */
export function consume(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Shows `node` or hides it from everybody, screen readers included. */
export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Runs `work` once per animation frame, however often it is asked for. */
export function perFrame(work: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      work();
    });
  };
}
