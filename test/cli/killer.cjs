// Loaded before the program: kills it at its Nth change of a file, before the change is made.
const fs = require('node:fs');

let left = Number(process.env.KILL_AT);
for (const name of [
  'openSync',
  'writeSync',
  'fchmodSync',
  'fsyncSync',
  'renameSync',
  'rmSync',
  'mkdirSync',
  'writeFileSync',
]) {
  const real = fs[name];
  fs[name] = (...args) => {
    const isReading = name === 'openSync' && (args[1] ?? 'r') === 'r';
    const isStderr = name === 'writeSync' && args[0] === 2;
    if (!isReading && !isStderr && --left === 0) process.kill(process.pid, 'SIGKILL');
    return real(...args);
  };
}
