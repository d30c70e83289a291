/** A bare copy loop, the yardstick for long bodies: it copies the bytes of one socket to all others. */

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log("port", listener.addr.port);
const peers = new Set<Deno.TcpConn>();

async function copy(from: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    const piece = buffer.subarray(0, count);
    await Promise.all(Array.from(peers, (to) => to === from ? undefined : writeAll(to, piece)));
  }
}

async function writeAll(to: Deno.TcpConn, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += await to.write(piece.subarray(at));
}

for await (const peer of listener) {
  peers.add(peer);
  copy(peer).catch(() => {}).finally(() => peers.delete(peer));
}
