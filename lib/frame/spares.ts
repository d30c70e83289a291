/**
 * Spare buffers of long frames. They are used again, because the system takes longer to provide memory than to copy it.
 */

/** The smallest buffer that is kept, in bytes. */
const LEAST = 128 * 1024;

/** The most bytes of all spare buffers: the sum of those that a frame of the largest size needs as it grows. */
const MOST = 32 * 1024 * 1024;

/** The factor by which a spare buffer may be larger than needed. */
const SLACK = 1.25;

interface Spare {
  readonly size: number;
  /** A weak reference, so that memory that is not used for a while is freed. */
  readonly buffer: WeakRef<ArrayBuffer>;
}

/** The oldest first. */
let spares: Spare[] = [];

/** Returns a buffer of `size` bytes. Its contents are undefined. */
export function takeBuffer(size: number): Uint8Array<ArrayBuffer> {
  if (size < LEAST) return new Uint8Array(size);
  const index = spares.findIndex((spare) => spare.size >= size && spare.size <= size * SLACK);
  const buffer = index < 0 ? undefined : spares.splice(index, 1)[0]!.buffer.deref();
  return buffer === undefined ? new Uint8Array(size) : new Uint8Array(buffer, 0, size);
}

/** Takes back a buffer that nothing refers to any more. */
export function giveBuffer({ buffer }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength < LEAST) return;
  spares.push({ size: buffer.byteLength, buffer: new WeakRef(buffer) });
  let sum = spares.reduce((sum, { size }) => sum + size, 0);
  spares = spares.filter(({ size }) => {
    const fits = sum <= MOST;
    if (!fits) sum -= size;
    return fits;
  });
}
