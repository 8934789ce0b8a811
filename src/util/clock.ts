/**
 * The time since this process started, in milliseconds. It never goes back. The same clock as performance.now(),
 * whose first call loads modules for a millisecond.
 */
export function nowMs(): number {
  return process.uptime() * 1000;
}
