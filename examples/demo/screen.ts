import type { DemoDoor } from './door.ts';

const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
const bold = (text: string) => (colours ? `\x1b[1m${text}\x1b[22m` : text);
const dim = (text: string) => (colours ? `\x1b[2m${text}\x1b[22m` : text);

/** What the demo prints: headings, commands, and a timeline in ms from the command before. */
export class Screen {
  #startMs = performance.now();
  #steps = 0;
  /** Whether what happens at the door is shown. */
  showsDoor = true;

  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line(`\n${bold(`${++this.#steps}. ${text}`)}`);
  }

  /** Shows a command and starts the timeline anew. */
  command(text: string): void {
    this.line(`   $ ${text}`);
    this.#startMs = performance.now();
  }

  event(text: string): void {
    const ms = Math.round(performance.now() - this.#startMs);
    this.line(`   ${dim(`${String(ms).padStart(5)} ms`)}  ${text}`);
  }

  /** What a program printed. */
  output(text: string): void {
    for (const line of text.split('\n').filter(Boolean)) this.line(`   ${line}`);
  }

  ok(text: string): void {
    this.line(`   ${bold('ok')}: ${text}`);
  }
}

/** Prints what happens at the door, while the screen shows it. */
export function showDoor(door: DemoDoor, screen: Screen): void {
  const steps = door.sequence.split(',').length;
  const event = (text: string) => {
    if (screen.showsDoor) screen.event(text);
  };
  door.on('knock', ({ protocol, port, step }) => {
    const meaning = step ? `${step} of ${steps}` : 'not the awaited one';
    event(`knock at ${port}/${protocol}: ${meaning}`);
  });
  door.on('open', (from) => event(`the door opens for ${from}`));
  door.on('connection', () => event('connected'));
  door.on('shut', () => event('the door is shut again'));
}
