// Without what POSIX has and Windows has not, as far as that can be had on Linux: users, file modes, UNIX sockets,
// descriptors to pass, /dev and /etc.
const childProcess = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const { deny, note, platform } = require('./pretend.cjs');

platform('win32');
deny(/^\/(proc|run|sys|dev|etc)(\/|$)/);
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups', 'umask']) delete process[name];
for (const name of ['chmodSync', 'fchmodSync', 'chownSync', 'fchownSync']) fs[name] = () => {};
delete childProcess._forkChild;

const userInfo = os.userInfo;
os.userInfo = (...args) => ({ ...userInfo(...args), uid: -1, gid: -1, shell: null });

// libuv: everything may be read and written by everybody, and belongs to nobody
for (const name of ['statSync', 'lstatSync', 'fstatSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    const stat = real(...args);
    if (typeof stat?.mode === 'number') Object.assign(stat, { mode: stat.mode | 0o666, uid: 0, gid: 0 });
    return stat;
  };
}

// a path that is not a pipe's name (\\.\pipe\...) is refused
for (const [owner, name] of [
  [net.Server.prototype, 'listen'],
  [net, 'connect'],
]) {
  const real = owner[name];
  owner[name] = function (...args) {
    if (typeof args[0] !== 'string') return real.apply(this, args);
    note(`${name} ${args[0]}`);
    const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const socket = name === 'listen' ? this : new net.Socket();
    process.nextTick(() => socket.emit('error', refused));
    return socket;
  };
}
