/** The part of ws that lib/web/ uses. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export interface WebSocket {
  pause(): void;
  resume(): void;
  send(text: string, sent: (error?: Error) => void): void;
  close(code: number, reason: string): void;
  ping(): void;
  terminate(): void;
  on(event: "message", then: (data: Uint8Array, isBinary: boolean) => void): void;
  on(event: "close", then: () => void): void;
  on(event: "ping" | "pong", then: (data: Uint8Array) => void): void;
  on(event: "error", then: (error: Error) => void): void;
}

export class WebSocketServer {
  constructor(
    options: { noServer: true; maxPayload: number; perMessageDeflate: false; clientTracking: false },
  );
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    then: (socket: WebSocket) => void,
  ): void;
}
