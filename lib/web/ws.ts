/** ws, a WebSocket server that can pause a socket and limit the size of each message. The runtime's own can do neither. */

// @ts-types="./ws.d.ts"
export { type WebSocket, WebSocketServer } from "ws";
