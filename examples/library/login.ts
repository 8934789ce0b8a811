// Runs a command on a server behind a closed door, with the npm packages knockproxy and ssh2:
//   npx tsx login.ts HOST USER KEY_FILE COMMAND      and the knock sequence on stdin, because it is a secret
import { readFileSync } from 'node:fs';
import { openDoor } from 'knockproxy';
import ssh2 from 'ssh2';

const [host = '', username = '', keyFile = '', command = 'true'] = process.argv.slice(2);

const sock = await openDoor({ host, sequence: readFileSync(0, 'utf8') });
const client = new ssh2.Client();
client.on('ready', () => {
  client.exec(command, (error, channel) => {
    if (error) throw error;
    channel.on('close', () => client.end()).pipe(process.stdout);
  });
});
client.connect({ sock, username, privateKey: readFileSync(keyFile) });
