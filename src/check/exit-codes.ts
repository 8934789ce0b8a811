/** The results of a check with their exit status. Of several problems, the one that ssh would encounter first counts. */
export const EXIT_CODES = {
  ok: { exitCode: 0, help: 'the door opens and an SSH server answers' },
  config: { exitCode: 2, help: 'the configuration prevents ssh from knocking' },
  name: { exitCode: 3, help: 'the name has no address' },
  'no-route': { exitCode: 4, help: 'no route to the host' },
  'not-sent': { exitCode: 5, help: 'this machine refuses to send the knocks' },
  refused: { exitCode: 6, help: 'the port refuses connections (RST) after the knocks' },
  prohibited: { exitCode: 7, help: 'the port is prohibited or unreachable (ICMP) after the knocks' },
  silent: { exitCode: 8, help: 'the port stays silent after the knocks' },
  'no-banner': { exitCode: 9, help: 'the door opens, but no SSH server answers' },
  'one-family': { exitCode: 10, help: 'the door opens over IPv4 only, or over IPv6 only' },
  'open-before': { exitCode: 11, help: 'the port is open without a knock' },
  limited: {
    exitCode: 12,
    help: 'the port is silent: the server seems to limit new connections, or to ban the address',
  },
  untested: { exitCode: 13, help: 'the port is still open for this machine: the knock was not tested' },
} as const satisfies Record<string, { exitCode: number; help: string }>;

export type Class = keyof typeof EXIT_CODES;

/** The exit codes as lines of `--help`. */
export function exitCodeHelp(): string {
  const lines = Object.entries(EXIT_CODES).map(
    ([name, { exitCode, help }]) => `  ${String(exitCode).padStart(2)}  ${name.padEnd(11)}  ${help}`,
  );
  return ['Exit status:', ...lines, '   1               the check itself failed'].join('\n');
}
