import { expect, it } from 'vitest';
import { disconnectMessage } from '../../../src/handover/disconnect.ts';

const IDENTIFICATION = 'SSH-2.0-knockproxy\r\n';

it.each(['', 'x', 'no answer', 'a\nb', '\u001b[31m', 'ü'.repeat(100)])(
  'is a well-formed SSH_MSG_DISCONNECT for %j',
  (reason) => {
    const bytes = disconnectMessage(reason);
    expect(bytes.subarray(0, IDENTIFICATION.length).toString()).toBe(IDENTIFICATION);
    const packet = bytes.subarray(IDENTIFICATION.length);
    const length = packet.readUInt32BE(0);
    const padding = packet[4]!;
    expect(packet.length).toBe(4 + length);
    expect(packet.length % 8).toBe(0);
    expect(padding).toBeGreaterThanOrEqual(4);
    expect(packet[5]).toBe(1);
    expect(packet.readUInt32BE(6)).toBe(11);
    const textLength = packet.readUInt32BE(10);
    const text = packet.subarray(14, 14 + textLength).toString();
    expect(text).not.toMatch(/\p{Cc}/u);
    expect(length).toBe(1 + 1 + 4 + 4 + textLength + 4 + padding);
  },
);
