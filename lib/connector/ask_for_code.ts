/** The question for the code of a private chat. */

import { EXIT, Exit } from "../base/errors.ts";
import { clean } from "../base/text.ts";
import { parseCode } from "../private/code.ts";
import type { Action, View } from "../view/view.ts";

/** The options of {@linkcode askForCode}. */
export interface AskOptions {
  readonly view: View;
  /** Whether a person sits at the view. */
  readonly hasPerson: boolean;
  /** Why the listener refused the key of an earlier code; undefined if there was none. */
  readonly refusal?: string | undefined;
}

/**
 * Asks for the code at the input line. It is shown as it is typed, because it can be used only once. Text that is not a
 * code is not sent.
 *
 * @returns The code; null if the input ends.
 * @throws {Exit} If there is nobody to ask.
 */
export async function askForCode(where: string, options: AskOptions): Promise<string | null> {
  const { view, hasPerson, refusal } = options;
  if (!hasPerson) {
    throw refusal === undefined
      ? new Exit(EXIT.usage, `${where} is a private chat: set CHAT_CODE to the code that you were given`)
      : new Exit(EXIT.refused, `${where} does not let you in: ${refusal}; set CHAT_CODE to a new code`);
  }
  const text = refusal === undefined
    ? `${where} is a private chat: type the code that you were given, such as k7qm-2xhp-9dnv-c4ta`
    : `${where} does not let you in: ${refusal}; if you have a new code, type it`;
  view.show({ kind: "note", text });
  for (;;) {
    await view.flush();
    const action = await view.next();
    if (action === null) return null;
    const typed = textOf(action);
    const code = parseCode(typed);
    if (code !== null) return code;
    view.show({
      kind: "problem",
      text: `${
        JSON.stringify(clean(typed))
      } is not a code, and was not sent: a code is 16 letters and digits`,
    });
  }
}

function textOf(action: Action): string {
  return action.kind === "post" && typeof action.body === "string" ? action.body : "that";
}
