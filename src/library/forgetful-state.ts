import { type Memory, NOTHING_LEARNED } from '../door/memory.ts';
import { State } from '../opener/state.ts';

/** Learns nothing; its names are the same, so that turns are taken all the same. */
export class ForgetfulState extends State {
  override load(): Memory {
    return NOTHING_LEARNED;
  }

  override touch(): number {
    return 0;
  }

  override save(): void {}
}
