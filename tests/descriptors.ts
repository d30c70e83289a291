/** Sockets of processes, and connections whose buffers are full. Linux only. */

/** Both ends of a connection on loopback. */
export async function connectedPair(): Promise<{ near: Deno.TcpConn; far: Deno.TcpConn }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const [far, near] = await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
  return { near, far };
}

/** Returns the number of sockets that a process has. */
export function socketsOf(pid: number): number {
  let count = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      if (Deno.readLinkSync(`/proc/${pid}/fd/${name}`).startsWith("socket:")) count++;
    } catch {
      // It has been closed, as the one that lists the others.
    }
  }
  return count;
}

/**
 * Writes to a peer that reads nothing until the system's buffers are full, and leaves a write under way.
 *
 * @returns Whether that write has ended since.
 */
export async function fill(sink: { write(bytes: Uint8Array): Promise<number> }): Promise<() => boolean> {
  for (;;) {
    let hasEnded = false;
    const end = () => void (hasEnded = true);
    sink.write(new Uint8Array(1 << 20)).then(end, end);
    // A write for which there is room ends in this turn or the next.
    for (let turn = 0; turn < 20 && !hasEnded; turn++) await nextTurn();
    if (!hasEnded) return () => hasEnded;
  }
}

/** Whether this runtime cancels a write under way when its connection is closed; Deno 2.9.4 does not. */
export async function closingCancelsWrites(): Promise<boolean> {
  const { near, far } = await connectedPair();
  const hasEnded = await fill(near);
  near.close();
  for (let turn = 0; turn < 20 && !hasEnded(); turn++) await nextTurn();
  const cancels = hasEnded();
  far.close();
  while (!hasEnded()) await nextTurn();
  return cancels;
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
