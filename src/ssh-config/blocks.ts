import { configError } from '../util/errors.ts';
import { includedPaths } from './include.ts';
import { HOST, INCLUDE, MATCH } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import type { Criterion } from './match-line.ts';
import { type LoadContext, readConfigFile, type WantedFile } from './read-file.ts';
import { type Scanned, STRIDE } from './scan.ts';
import { splitArguments } from './tokens.ts';
import type { FileKind } from './types.ts';

/** READCONF_MAX_DEPTH of readconf.c. */
const MAX_DEPTH = 16;

/**
 * A run of lines under one condition: from a Host or Match line, the beginning of a file or the line behind an
 * Include, to the next of these.
 */
export interface Block {
  readonly id: number;
  /** HOST, MATCH, or INCLUDE for a run that holds whenever its parent does. */
  readonly condition: typeof HOST | typeof MATCH | typeof INCLUDE;
  /** Has to hold as well: the block whose Include read this file, or that goes on behind an Include. */
  readonly parent: Block | undefined;
  readonly source: Scanned;
  /** Offset of the Host or Match line's value. */
  readonly valueAt: number;
  /** Its lines in `source.lines`. */
  readonly from: number;
  to: number;
  /** The parsed Match line, filled in when first needed. */
  criteria?: readonly Criterion[];
  /** The parsed Host line, filled in when first needed. */
  patterns?: readonly string[];
}

/** knock_config, or ssh's two files, with everything they include, as one list of blocks in reading order. */
export interface Blocks {
  readonly kind: 'knock' | 'ssh';
  readonly blocks: Block[];
  /** A Match line asks for ssh's second pass; filled in when first needed. */
  wantsFinal?: boolean;
}

/**
 * Reads a file and what it includes, also inside blocks that will not hold (read_config_file_depth).
 *
 * @throws KnockproxyError for a file that cannot or must not be read, too deep an Include, an unknown keyword.
 */
export function loadFile(top: WantedFile, program: Blocks, context: LoadContext): void {
  const source = readConfigFile(top, context);
  if (source) addBlocks({ source, kind: top.kind, depth: 0 }, undefined, program, context);
}

/** A file being laid out. */
interface Layer {
  readonly source: Scanned;
  readonly kind: FileKind;
  /** How many Includes lie above it. */
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
      if (depth >= MAX_DEPTH) throw configError(where, 'too many recursive Includes (16)');
      const included = readConfigFile({ path, kind, checkMode: true, mayLack }, context);
      if (included) addBlocks({ source: included, kind, depth: depth + 1 }, block, program, context);
    }
  }
}

/** A broken link may match a pattern. */
function mayLack(code: string): boolean {
  return code === 'ENOENT';
}
