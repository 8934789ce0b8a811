export { type Protocol, parseSequence, type Step } from './door/sequence.ts';
export { KnockproxyError } from './errors.ts';
export { knock } from './library/knock.ts';
export { openConfiguredDoor, openDoor } from './library/open-door.ts';
export type {
  CommonOptions,
  KnockOptions,
  KnockSequence,
  OpenConfiguredDoorOptions,
  OpenDoorOptions,
  OpeningOptions,
} from './library/options.ts';
