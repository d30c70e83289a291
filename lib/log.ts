/** What the listener tells of itself: one event a line, for people or, as JSON, for programs. */

/** Something that happened, with what is to be known of it. */
export type LogEvent =
  | { readonly event: "listening"; readonly address: string }
  | { readonly event: "came"; readonly address: string; readonly nick: string }
  | { readonly event: "went"; readonly address: string; readonly nick: string; readonly why: string }
  | { readonly event: "renamed"; readonly address: string; readonly nick: string; readonly to: string }
  | { readonly event: "refused"; readonly address: string; readonly code: string; readonly text: string }
  | { readonly event: "failed"; readonly text: string }
  | { readonly event: "ending"; readonly why: string };

/** Takes an event. */
export type Log = (event: LogEvent) => void;

/** An event as people read it. What came from the network must be cleaned by whoever prints it. */
export function formatEvent(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.address}`;
    case "came":
      return `${event.nick} came from ${event.address}`;
    case "went":
      return `${event.nick} (${event.address}) went: ${event.why}`;
    case "renamed":
      return `${event.nick} (${event.address}) is now ${event.to}`;
    case "refused":
      return `refused ${event.code} from ${event.address}: ${event.text}`;
    case "failed":
      return event.text;
    case "ending":
      return `ending: ${event.why}`;
  }
}
