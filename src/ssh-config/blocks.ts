import { configError } from '../util/errors.ts';
import { includedPaths, MAX_DEPTH } from './include.ts';
import { HOST, INCLUDE, MATCH } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import type { Criterion } from './match-line.ts';
import { type LoadContext, readConfigFile, type WantedFile } from './read-file.ts';
import { type Scanned, STRIDE } from './scan.ts';
import { splitArguments } from './tokens.ts';
import type { FileKind } from './types.ts';

/**
 * A run of lines under one condition. It begins at a Host or Match line, at the beginning of a file or after an Include,
 * and ends before the next of these.
 */
export interface Block {
  readonly id: number;
  /** HOST, MATCH, or INCLUDE for a run that applies whenever its parent does. */
  readonly condition: typeof HOST | typeof MATCH | typeof INCLUDE;
  /** Must apply too: the block whose Include read this file, or the block that continues after an Include. */
  readonly parent: Block | undefined;
  readonly source: Scanned;
  /** Offset of the Host or Match line's value. */
  readonly valueAt: number;
  /** Its lines in `source.lines`. */
  readonly from: number;
  to: number;
  /** The parsed Match line, computed on first use. */
  criteria?: readonly Criterion[];
  /** The parsed Host line, computed on first use. */
  patterns?: readonly string[];
}

/** knock_config, or ssh's two files, with everything they include, as one list of blocks in reading order. */
export interface Blocks {
  readonly kind: 'knock' | 'ssh';
  readonly blocks: Block[];
  /** Whether a Match line requires ssh's second pass, computed on first use. */
  wantsFinal?: boolean;
}

/**
 * Reads a file and its Includes, even in blocks that do not apply (read_config_file_depth).
 *
 * @throws KnockproxyError for a file that cannot or must not be read, an Include nested too deeply, an unknown keyword.
 */
export function loadFile(top: WantedFile, program: Blocks, context: LoadContext): void {
  const source = readConfigFile(top, context);
  if (source) addBlocks({ source, kind: top.kind, depth: 0 }, undefined, program, context);
}

/** A file on the Include stack. */
interface Layer {
  readonly source: Scanned;
  readonly kind: FileKind;
  /** The number of Includes above it. */
  readonly depth: number;
}

function addBlocks(layer: Layer, including: Block | undefined, program: Blocks, context: LoadContext): void {
  const { source } = layer;
  const { lines } = source;
  let block = addBlock(program, source, { condition: INCLUDE, parent: including, at: -STRIDE });
  for (let at = 0; at < lines.length; at += STRIDE) {
    const code = lines[at];
    if (code === HOST || code === MATCH) {
      block.to = at;
      block = addBlock(program, source, { condition: code, parent: including, at });
    } else if (code === INCLUDE) {
      block.to = at;
      addIncluded(layer, at, block, program, context);
      const parent: Block = block.condition === INCLUDE && block.parent ? block.parent : block;
      block = addBlock(program, source, { condition: INCLUDE, parent, at });
    }
  }
  block.to = lines.length;
}

function addBlock(
  program: Blocks,
  source: Scanned,
  header: { condition: Block['condition']; parent: Block | undefined; at: number },
): Block {
  const { condition, parent, at } = header;
  const block: Block = {
    id: program.blocks.length,
    condition,
    parent,
    source,
    valueAt: at < 0 ? 0 : source.lines[at + 1]!,
    from: at + STRIDE,
    to: at + STRIDE,
  };
  program.blocks.push(block);
  return block;
}

function addIncluded(
  { source, kind, depth }: Layer,
  at: number,
  block: Block,
  program: Blocks,
  context: LoadContext,
): void {
  const valueAt = source.lines[at + 1]!;
  const words = splitArguments(source.text.slice(valueAt, valueEnd(source.text, valueAt))) ?? [];
  const where = { file: source.file, line: source.lines[at + 2]! };
  for (const word of words) {
    for (const path of includedPaths(word, kind, context)) {
      if (depth >= MAX_DEPTH) throw configError(where, `too many recursive Includes (${MAX_DEPTH})`);
      const included = readConfigFile({ path, kind, checkMode: true, ignoreError }, context);
      if (included) addBlocks({ source: included, kind, depth: depth + 1 }, block, program, context);
    }
  }
}

/** A pattern may match a broken link. */
function ignoreError(code: string): boolean {
  return code === 'ENOENT';
}
