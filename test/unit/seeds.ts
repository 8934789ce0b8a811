/**
 * Seeds for random input: a fixed one, so that a run can be compared with the one before it, and a new one, which is
 * printed. The variable holds one to run again instead.
 */
export function seeds(variable: string): number[] {
  const again = process.env[variable];
  if (again !== undefined) return [Number(again)];
  const drawn = Math.floor(Math.random() * 2 ** 31);
  console.log(`${variable}=${drawn}`);
  return [1, drawn];
}
