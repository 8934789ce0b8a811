import { lookOnServer, silentCauses } from './causes.ts';
import { CLASSES, type Class } from './classes.ts';
import { type AddressFinding, type Findings, isOpen } from './findings.ts';
import { bannerText } from './tell.ts';

/** Something that is wrong, and what to do about it. */
export interface Problem {
  readonly class: Class;
  readonly text: string;
  /** What it may come from, the likely first. */
  readonly causes: readonly string[];
  readonly todo: readonly string[];
}

export interface Verdict {
  /** That of the first problem. */
  readonly class: Class;
  readonly exitCode: number;
  /** In the order in which ssh would meet them. */
  readonly problems: readonly Problem[];
  /** What works now, but not always. */
  readonly warnings: readonly { readonly text: string; readonly fix: string }[];
}

/** From what was found to what it means. Pure. */
export function judge(findings: Findings): Verdict {
  const problems = [...configProblems(findings), ...nameProblems(findings), ...doorProblems(findings)];
  const first = problems[0]?.class ?? 'ok';
  const warnings = findings.traps.filter(({ severity }) => severity === 'warning');
  const notClosed = findings.addresses.filter(({ closed }) => closed === false);
  return {
    class: first,
    exitCode: CLASSES[first].exitCode,
    problems,
    warnings: [...warnings, ...notClosed.map(closeWarning)],
  };
}

function closeWarning({ address }: AddressFinding) {
  return {
    text: `${address} is still open after the close sequence`,
    fix: 'compare KnockCloseSequence with the server; an earlier opening may have left a rule of its own',
  };
}

function configProblems({ traps, unreadable }: Findings): Problem[] {
  const errors = traps.filter(({ severity }) => severity === 'error');
  return [
    ...(unreadable ? [problem('config', unreadable.text, unreadable.hints)] : []),
    ...errors.map(({ text, fix }) => problem('config', text, [fix])),
  ];
}

function nameProblems({ unnamed }: Findings): Problem[] {
  return unnamed ? [problem('name', unnamed.text, unnamed.hints)] : [];
}

function doorProblems(findings: Findings): Problem[] {
  const { addresses } = findings;
  const opened = addresses.filter(isOpen);
  if (addresses.length === 0) return [];
  if (opened.length === 0) {
    // An address without a route is only worth a word when there is no other.
    const told = addresses.find(({ before }) => before !== 'no-route') ?? addresses[0]!;
    return [shutProblem(findings, told)];
  }
  const mute = opened.find(({ banner }) => banner !== undefined && banner.kind !== 'ssh');
  const half = addresses.find((finding) => !isOpen(finding) && finding.before !== 'no-route');
  const ajar = opened.find(
    ({ before, openedSecondsAgo }) => before === 'open' && openedSecondsAgo === undefined,
  );
  return [
    ...(mute ? [bannerProblem(mute)] : []),
    ...(half ? [familyProblem(findings, half)] : []),
    ...(ajar ? [openProblem(ajar)] : []),
  ];
}

function shutProblem(findings: Findings, finding: AddressFinding): Problem {
  const { address, port, refusal, before, after = before } = finding;
  const where = `${address} port ${port}`;
  if (refusal) return problem('not-sent', refusal.text, refusal.hints);
  switch (after) {
    case 'refused':
      return refusedProblem(findings, finding);
    case 'prohibited':
      return problem(
        'prohibited',
        `${where} is prohibited or unreachable (ICMP)`,
        [lookOnServer(findings)],
        [
          'wrong sequence or order behind a firewall that prohibits',
          'a router on the way prohibits it',
          'host down: the address is wrong, or the machine is off',
        ],
      );
    case 'no-route':
      return problem('no-route', `there is no route to ${address}`, [
        `check the network connection, the VPN and 'ip route get ${address}'`,
      ]);
    default:
      return problem(
        'silent',
        `${where} is silent, and stays so after the knocks`,
        [lookOnServer(findings)],
        silentCauses(findings, finding),
      );
  }
}

function refusedProblem(findings: Findings, { address, port, before }: AddressFinding): Problem {
  const where = `${address} port ${port}`;
  if (before === 'silent') {
    return problem(
      'refused',
      `${where} was silent and refuses after the knocks: the door opens, but nothing listens`,
      [`start sshd on the server, or mend Port: 'ss -ltn' there shows what listens`],
    );
  }
  return problem(
    'refused',
    `${where} refuses (RST, or ICMP port unreachable)`,
    [lookOnServer(findings)],
    [
      'wrong sequence or order, or the knock daemon not running, behind a firewall that rejects',
      'sshd is down, or listens on another port: nothing listens here',
      'wrong interface, another source address, an egress filter or too small a window, as with a silent port',
    ],
  );
}

function bannerProblem({ address, port, banner }: AddressFinding): Problem {
  const text = `${address} port ${port} opens, but no SSH server answers: ${bannerText(banner!)}`;
  return banner!.kind === 'closed'
    ? problem('no-banner', text, ["look at sshd's log, MaxStartups and PerSourcePenalties"])
    : problem('no-banner', text, ['check Port: something else than sshd listens there, or sshd hangs']);
}

function familyProblem(findings: Findings, half: AddressFinding): Problem {
  const [shut, open] = half.family === 6 ? [6, 4] : [4, 6];
  const command = shut === 6 ? 'start_command_6 (ip6tables)' : 'start_command (iptables)';
  return problem(
    'one-family',
    `the door opens over IPv${open} only: ${half.address} stays shut`,
    [
      `let the server open IPv${shut} too, or 'AddressFamily inet${open === 6 ? '6' : ''}' for ${findings.host}`,
    ],
    [
      `knockd without ${command}, or a firewall set up for one family`,
      `the IPv${shut} address of the name is another machine's`,
    ],
  );
}

function openProblem({ address, port }: AddressFinding): Problem {
  return problem('open-before', `${address} port ${port} is open without a knock: the door hides nothing`, [
    "drop the port in the server's firewall, for IPv4 and IPv6; look for a rule that an earlier opening left" +
      ' (knockd without stop_command)',
  ]);
}

function problem(of: Class, text: string, todo: readonly string[], causes: readonly string[] = []): Problem {
  return { class: of, text, causes, todo };
}
