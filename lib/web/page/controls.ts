/** The controls around the messages: join, search, menu, name, theme, and files that are pasted or dropped. */

import { byId } from "./dom.ts";

/** The options of {@linkcode attachControls}. */
export interface ControlsOptions {
  /** Where the theme is kept. */
  readonly stored: { theme: string };
  /** Puts a text into the input. */
  readonly put: (text: string) => void;
  /** Takes a typed line. Returns true if it was handled. */
  readonly enter: (text: string) => boolean;
  readonly find: (words: string) => void;
  /** Asks for permission to show notifications. */
  readonly askToNotify: () => void;
  readonly notice: (text: string) => void;
}

/** Closes the side bar of a telephone. */
export function closeSide(): void {
  byId("side").classList.remove("open");
  byId("menu").setAttribute("aria-expanded", "false");
}

/** Attaches the handlers of the controls. */
export function attachControls({ stored, put, enter, find, askToNotify, notice }: ControlsOptions): void {
  byId("join").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = byId<HTMLInputElement>("join-room");
    if (input.value.trim() !== "" && enter(`/join ${input.value.trim()}`)) input.value = "";
  });
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = byId<HTMLInputElement>("words");
    if (value.trim() !== "") find(value.trim());
  });
  byId("who").addEventListener("click", () => {
    const input = byId<HTMLTextAreaElement>("input");
    put("/nick ");
    closeSide();
    input.focus();
  });
  for (const type of ["paste", "drop"] as const) {
    document.addEventListener(type, (event) => {
      const data = event instanceof ClipboardEvent ? event.clipboardData : event.dataTransfer;
      if (data === null || data.files.length === 0 || data.types.includes("text/plain")) return;
      event.preventDefault();
      notice(
        "the page cannot send files: in Python, send the bytes of one; they are shown here as a picture",
      );
    });
  }
  // Otherwise the browser would leave the page for the file.
  document.addEventListener("dragover", (event) => event.preventDefault());
  byId("menu").addEventListener("click", () => {
    const isOpen = byId("side").classList.toggle("open");
    byId("menu").setAttribute("aria-expanded", String(isOpen));
  });
  byId("theme").addEventListener("click", () => {
    const next: Readonly<Record<string, string>> = { "": "dark", dark: "light", light: "" };
    stored.theme = next[stored.theme] ?? "";
    setTheme(stored.theme);
  });
  document.addEventListener("click", askToNotify, { once: true });
  setTheme(stored.theme);
}

function setTheme(theme: string): void {
  if (theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
