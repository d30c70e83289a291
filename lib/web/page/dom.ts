/** DOM helpers: make elements without parsing markup (every text becomes a text node), and find those of the page. */

/** Attributes and listeners of a new element. */
export interface Parts {
  readonly class?: string;
  readonly title?: string;
  readonly role?: string;
  /** Further attributes by name. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly click?: (event: MouseEvent) => void;
}

/** Makes an element with children; texts among them become text nodes. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  parts: Parts = {},
  ...children: readonly (Node | string | null)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (parts.class !== undefined) element.className = parts.class;
  if (parts.title !== undefined) element.title = parts.title;
  if (parts.role !== undefined) element.setAttribute("role", parts.role);
  for (const [name, value] of Object.entries(parts.attributes ?? {})) element.setAttribute(name, value);
  if (parts.click !== undefined) element.addEventListener("click", parts.click as EventListener);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Makes a button that does something. */
export function button(text: string, click: () => void, parts: Parts = {}): HTMLButtonElement {
  return el("button", { ...parts, click, attributes: { type: "button", ...parts.attributes } }, text);
}

/** Finds an element of the page by its id. */
export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element ${id}`);
  return element as T;
}

/** Makes a canvas of the given size in CSS pixels, with its drawing context scaled for the screen. */
export function canvas(
  width: number,
  height: number,
  label: string,
): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const element = el("canvas", { role: "img", attributes: { "aria-label": label } });
  const scale = Math.min(2, globalThis.devicePixelRatio || 1);
  element.width = Math.round(width * scale);
  element.height = Math.round(height * scale);
  element.style.width = `${width}px`;
  const context = element.getContext("2d");
  if (context === null) throw new Error("the page cannot draw");
  context.scale(scale, scale);
  return [element, context];
}

/** Shows a dialog, in place of one that is open. */
export function openDialog(title: string, body: HTMLElement): void {
  byId("dialog-title").textContent = title;
  byId("dialog-body").replaceChildren(body);
  const dialog = byId<HTMLDialogElement>("dialog");
  if (!dialog.open) dialog.showModal();
  // A long one is read from its top.
  byId("dialog-body").scrollTop = 0;
  byId("dialog-body").focus();
}
