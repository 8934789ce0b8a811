import { once } from 'node:events';
import net from 'node:net';

/** What a port scanner learns of a port: that it is closed, or which server answers. */
export async function scan(host: string, port: number): Promise<string> {
  const socket = net.connect({ host, port });
  try {
    await once(socket, 'connect');
    const [banner] = (await once(socket, 'data')) as [Buffer];
    return `open, ${banner.toString('latin1').trim()}`;
  } catch {
    return 'closed';
  } finally {
    socket.destroy();
  }
}
