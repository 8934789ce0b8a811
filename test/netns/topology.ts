/** The hosts of a bed by namespace name. With a router, it stands between the clients and the wire. */
export interface Names {
  clients: string[];
  router: string | undefined;
  server: string;
}

export interface Address {
  ip: string;
  ip6: string;
}

export const SERVER_ADDRESS: Address = { ip: '10.77.0.2', ip6: 'fd77::2' };
/** What the server sees as the source: the client, or the router that masquerades for all clients. */
export const OUTER_ADDRESS: Address = { ip: '10.77.0.1', ip6: 'fd77::1' };

/** One end of a link. */
interface End extends Address {
  namespace: string;
  device: string;
  mac: string;
}

export function allNames({ clients, router, server }: Names): string[] {
  return [...clients, ...(router === undefined ? [] : [router]), server];
}

/** The n-th client's own address, n from 0. */
export function clientAddress(names: Names, n: number): Address {
  return names.router === undefined ? OUTER_ADDRESS : inner(n, 2);
}

/** Shell commands that make the namespaces, before the wire starts. */
export function namespaceScript(names: Names): string {
  return allNames(names)
    .map((name) => `ip netns add ${name}\nip -n ${name} link set lo up\n`)
    .join('');
}

/** Shell commands that make links, addresses and routes. With `wire`, the devices of the main link exist already. */
export function linkScript(names: Names, wire: boolean): string {
  const { clients, router, server } = names;
  const near = { namespace: router ?? clients[0]!, device: 'eth0', mac: mac(0, 1), ...OUTER_ADDRESS };
  const far = { namespace: server, device: 'eth0', mac: mac(0, 2), ...SERVER_ADDRESS };
  const main = (wire ? '' : vethLine(near, far)) + endLines(near, far) + endLines(far, near);
  if (router === undefined) return main;
  return main + clients.map((client, n) => clientLines(client, router, n)).join('') + masqueradeLines(router);
}

function clientLines(client: string, router: string, n: number): string {
  const leaf = { namespace: client, device: 'eth0', mac: mac(n + 1, 2), ...inner(n, 2) };
  const gateway = { namespace: router, device: `client${n}`, mac: mac(n + 1, 1), ...inner(n, 1) };
  const routes = `route add default via ${gateway.ip}\nroute add ::/0 via ${gateway.ip6}`;
  return (
    vethLine(leaf, gateway) + endLines(leaf, gateway) + endLines(gateway, leaf) + ipBatch(client, routes)
  );
}

function masqueradeLines(router: string): string {
  return `nsenter --net=/run/netns/${router} sh -e <<'END'
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
ip6tables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
END
`;
}

function vethLine(a: End, b: End): string {
  return `ip link add ${a.device} netns ${a.namespace} type veth peer name ${b.device} netns ${b.namespace}\n`;
}

/**
 * addrgenmode none and nodad: no address of the kernel's own making, and every address usable at once.
 * Neighbours are static: no ARP delays a first connect, on a slow wire by a whole round trip.
 */
function endLines(here: End, there: End): string {
  return ipBatch(
    here.namespace,
    `link set ${here.device} address ${here.mac} addrgenmode none
link set ${here.device} up
addr add ${here.ip}/24 dev ${here.device}
addr add ${here.ip6}/64 dev ${here.device} nodad
neigh replace ${there.ip} lladdr ${there.mac} dev ${here.device} nud permanent
neigh replace ${there.ip6} lladdr ${there.mac} dev ${here.device} nud permanent`,
  );
}

function ipBatch(namespace: string, lines: string): string {
  return `ip -n ${namespace} -batch - <<'END'\n${lines}\nEND\n`;
}

function inner(n: number, place: 1 | 2): Address {
  return { ip: `10.78.${n}.${place}`, ip6: `fd78:${n}::${place}` };
}

/** A local unicast address; each link has a number of its own. */
function mac(link: number, place: 1 | 2): string {
  return `02:77:00:00:${link.toString(16).padStart(2, '0')}:0${place}`;
}
