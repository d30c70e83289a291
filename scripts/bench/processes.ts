/** Figures of a process from the kernel: CPU time and memory. */

/** Kernel ticks a second: USER_HZ is 100 on every Linux that Deno runs on. */
const TICKS = 100;

/** The CPU seconds that a process has used, all threads together; of several processes the sum. */
export function cpuSeconds(pid: number | readonly number[]): number {
  if (typeof pid !== "number") return pid.reduce((sum, one) => sum + cpuSeconds(one), 0);
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  return Number(kilobytes?.[1]) * 1024;
}

/** The time in milliseconds, the same in every process of this machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Waits; only for what no event tells. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The time after which V8 has given back what a burst of connections made it take, in seconds. */
const REST = 45;

/** The least resident memory of a process in 45 s in which nothing happens, in bytes. */
export async function bytesAtRest(pid: number): Promise<number> {
  let least = Infinity;
  for (let second = 0; second < REST; second++) {
    await pause(1000);
    least = Math.min(least, residentBytes(pid));
  }
  return least;
}
