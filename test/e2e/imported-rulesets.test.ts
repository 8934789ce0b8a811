import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { nftDoor } from '../../src/generate/nft-door.ts';
import { readImport } from '../../src/import/read-import.ts';
import { formatSequence } from '../../src/plan/format-sequence.ts';
import { parseSequence } from '../../src/plan/sequence.ts';
import { example } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';

/** What a shell script prints in a network namespace of its own. */
function inNamespace(script: string, input = ''): string {
  return execFileSync('unshare', ['--net', 'sh', '-ec', script], { input, encoding: 'latin1' });
}

/** The sequences of the doors in what a tool prints. */
function sequences(text: string): string[] {
  return readImport(text, 'ruleset').doors.map(({ secret, problems, ports }) => {
    expect({ problems, ports }).toEqual({ problems: [], ports: [22] });
    return secret.kind === 'sequence' ? formatSequence(secret.steps) : secret.kind;
  });
}

describeBed('import of what the tools of a server list', () => {
  test('nft list ruleset, of every kind of step', () => {
    const long = 'ab'.repeat(40);
    const sequence = `17001:tcp,icmp:0,17002:udp,17003:udp:size=0,icmp:56,17004:udp:hex=00000001${long},17005:udp:hex=00`;
    const rules = nftDoor({ steps: parseSequence(sequence) });
    expect(sequences(inNamespace('nft -f -; nft list ruleset', rules))).toEqual([sequence]);
  });

  test.each(['iptables', 'ip6tables'])('%s-save, of examples/server/payload', (tool) => {
    const rules = example(`server/payload/${tool}.rules`);
    expect(sequences(inNamespace(`${tool}-restore; ${tool}-save`, rules))).toEqual([
      '41373:tcp,icmp:300,18101:udp:size=64,52948:udp:hex=6f70656e20736573616d65',
    ]);
  });
});
