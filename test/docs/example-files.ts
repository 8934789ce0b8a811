import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the examples, with a slash at the end. */
export const EXAMPLES: string = fileURLToPath(new URL('../../examples/', import.meta.url));

/** The text of an example. */
export function example(path: string): string {
  return readFileSync(EXAMPLES + path, 'utf8');
}

/** What has to be knocked for a host, as the examples' knock_config says. */
export function exampleSequence(host = 'server.example'): string {
  const text = example('ssh_config/knock_config');
  return new RegExp(`^Host (?:.* )?${host}(?: .*)?\\n\\s*KnockSequence (.*)$`, 'm').exec(text)![1]!;
}

/** The sequence of examples/server/payload. */
export function payloadSequence(): string {
  return /^#\s*KnockSequence (.*)$/m.exec(example('server/payload/iptables.rules'))![1]!;
}

/** The code blocks of a page that are commands. */
export function commandBlocks(path: string): string[] {
  return [...example(path).matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, text]) => text!.trim());
}
