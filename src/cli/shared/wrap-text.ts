/**
 * Breaks text at blanks into lines of at most `width` characters; a longer word has a line of its own. Lines that follow
 * each other are one paragraph. A line that begins with blanks is one of a table or an example: it stays a line, and what
 * does not fit continues below its last column.
 */
export function wrapText(text: string, width: number): string[] {
  return paragraphs(text).flatMap((line) => {
    const end = line.startsWith(' ') ? Math.max(1, line.lastIndexOf('  ') + 2) : 0;
    const [head, tail] = [line.slice(0, end), line.slice(end)];
    return hang(head, tail, width);
  });
}

/** The lines of `text` beside and below `head`, in at most `width` characters. */
export function hang(head: string, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = head;
  for (const word of text.split(' ')) {
    const isFirst = line.length <= head.length;
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = ' '.repeat(head.length) + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line.trimEnd()];
}

function paragraphs(text: string): string[] {
  const found: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    const isProse = line !== '' && !line.startsWith(' ');
    if (isProse && isOpen) found[found.length - 1] += ` ${line}`;
    else found.push(line);
    isOpen = isProse;
  }
  return found;
}
