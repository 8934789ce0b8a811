import { parseSequence } from '../../plan/sequence.ts';

/** Whether a command line contains what may be a sequence, instead of where to get one. */
export function holdsSequence(words: readonly string[]): boolean {
  return words.some((word) => word.split(/[\s;|&()'"]+/).some(isPortList));
}

/** A list of ports, or what may be one port: options rarely have numbers of three digits. */
function isPortList(text: string): boolean {
  if (/^\d{3,5}(:(tcp|udp))?,?$/i.test(text)) return true;
  try {
    return parseSequence(text).length > 1;
  } catch {
    return false;
  }
}
