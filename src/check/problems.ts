import { HOST_DOWN, LIMITED } from '../login/failure-messages.ts';
import { printable } from '../util/log.ts';
import { lookOnServer, ON_SERVER, silentCauses } from './causes.ts';
import type { Class } from './exit-codes.ts';
import type { AddressFinding, Findings } from './findings.ts';
import { bannerText } from './step-texts.ts';

/** A problem, its causes and what to do. */
export interface Problem {
  readonly class: Class;
  readonly text: string;
  /** Guesses, the cheapest to test first; none where the cause is certain. */
  readonly causes: readonly string[];
  readonly todo: readonly string[];
}

export function shutProblem(findings: Findings, finding: AddressFinding): Problem {
  const { address, port, refusal, isLimited, isMissing, before, after = before } = finding;
  const where = `${address} port ${port}`;
  if (refusal) return problem('not-sent', refusal.text, refusal.hints);
  if (isMissing) return missingProblem(finding);
  if (isLimited && after !== 'refused') return limitedProblem(where);
  switch (after) {
    case 'refused':
      return refusedProblem(findings, finding);
    case 'prohibited':
      return problem(
        'prohibited',
        `${where} is prohibited or unreachable (ICMP)`,
        [lookOnServer(findings)],
        [
          'wrong sequence or order, with a firewall that answers "prohibited"',
          'a router on the way blocks the connection',
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
        `${where} stays silent after the knocks`,
        [lookOnServer(findings)],
        silentCauses(findings, finding),
      );
  }
}

function missingProblem({ address, after }: AddressFinding): Problem {
  const text = `nothing on this network has the address ${address} (no answer to ${address.includes(':') ? 'neighbour discovery' : 'ARP'})`;
  return problem(after === 'prohibited' ? 'prohibited' : 'silent', text, [HOST_DOWN]);
}

function limitedProblem(where: string): Problem {
  return problem(
    'limited',
    `${where} has opened before and is silent now: it seems to limit new connections`,
    LIMITED,
    [
      'a rule that counts new connections: ufw limit, -m recent --hitcount, hashlimit, connlimit, an nftables meter',
      'a ban: fail2ban, or PerSourcePenalties of sshd 9.8 and later',
      'the sequence has been changed since the last login, here or on the server, or the knock daemon has stopped',
    ],
  );
}

function refusedProblem(findings: Findings, finding: AddressFinding): Problem {
  const { address, port, nothingListens, isLimited } = finding;
  const where = `${address} port ${port}`;
  if (nothingListens) {
    return problem(
      'refused',
      `${where} was silent before the knocks and refuses connections after them: the door opens, but nothing listens`,
      [`start sshd on the server, or correct Port: 'ss -ltn' there shows what listens`],
    );
  }
  return problem(
    'refused',
    `${where} refuses connections (RST, or ICMP port unreachable)`,
    [lookOnServer(findings)],
    [
      'wrong sequence or order, or the knock daemon is not running, with a firewall that rejects connections',
      'sshd is down, or listens on another port: nothing listens here',
      ...(isLimited
        ? ['a rule that counts new connections and rejects further ones, such as ufw limit: wait a minute']
        : []),
      'wrong interface, another source address, an egress filter or too small a window, as with a silent port',
    ],
  );
}

export function bannerProblem({ address, port, banner }: AddressFinding): Problem {
  const text = `${address} port ${port} opens, but no SSH server answers: ${bannerText(banner!)}`;
  return banner!.kind === 'closed'
    ? problem('no-banner', text, ["look at sshd's log, MaxStartups and PerSourcePenalties"])
    : problem('no-banner', text, ['check Port: a program other than sshd listens there, or sshd hangs']);
}

export function familyProblem(findings: Findings, half: AddressFinding): Problem {
  const [shut, open] = half.family === 6 ? [6, 4] : [4, 6];
  const command = shut === 6 ? 'start_command_6 (ip6tables)' : 'start_command (iptables)';
  return problem(
    'one-family',
    `the door opens over IPv${open} only: ${half.address} stays shut`,
    [
      `make the server open IPv${shut} too, or set 'AddressFamily inet${open === 6 ? '6' : ''}' for ${findings.host}`,
    ],
    [
      `knockd without ${command}, or a firewall set up for one family`,
      `the IPv${shut} address of the name belongs to another machine`,
    ],
  );
}

/** The opening hides whether the knock works, and whether the port is open to everybody. */
export function untestedProblem(
  { host }: Findings,
  { address, port, openedSecondsAgo }: AddressFinding,
): Problem {
  return problem(
    'untested',
    `${address} port ${port} is open, as this machine opened it ${openedSecondsAgo} s ago: the knock was not tested`,
    [
      `ssh ${printable(host)} works now; to test the knock too, run 'knockproxy check --wait ${printable(host)}': ` +
        'it waits until a minute after that opening',
    ],
  );
}

export function openProblem({ address, port }: AddressFinding): Problem {
  return problem(
    'open-before',
    `${address} port ${port} is open without a knock: the firewall does not close it`,
    [`make the server's firewall drop connections to the port, for IPv4 and IPv6; ${ON_SERVER}`],
    [
      'firewall not loaded: the server was rebooted, or its rules were flushed',
      'an earlier opening left a rule (knockd without stop_command)',
      'a door that stays open for more than a minute',
    ],
  );
}

export function problem(
  kind: Class,
  text: string,
  todo: readonly string[],
  causes: readonly string[] = [],
): Problem {
  return { class: kind, text, causes, todo };
}
