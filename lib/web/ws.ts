/** ws, the WebSocket server that can pause a socket and bounds each message: the runtime's own can do neither. */

// @ts-types="./ws.d.ts"
export { type WebSocket, WebSocketServer } from "ws";
