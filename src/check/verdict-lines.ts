import type { Verdict } from './diagnosis.ts';

/** How many guesses are shown of each problem. */
const FEW_CAUSES = 3;

/**
 * The verdict as a person reads it.
 *
 * @param host safe to print.
 * @param all whether to show every guess.
 */
export function verdictLines(
  host: string,
  { class: of, exitCode, problems, warnings }: Verdict,
  all: boolean,
): string[] {
  return [
    problems.length === 0
      ? `verdict: ok${warnings.length > 0 ? ', with a warning' : ''}: ssh ${host} should work`
      : `verdict: ${of} (exit status ${exitCode})`,
    ...problems.flatMap(({ text, causes, todo }) => [
      `problem: ${text}`,
      ...causes.slice(0, all ? undefined : FEW_CAUSES).map((cause) => `  maybe: ${cause}`),
      ...(all || causes.length <= FEW_CAUSES
        ? []
        : [`         ${causes.length - FEW_CAUSES} more with --all`]),
      ...todo.map((what) => `  to do: ${what}`),
    ]),
    ...warnings.flatMap(({ text, fix }) => [`warning: ${text}`, `  to do: ${fix}`]),
  ];
}
