export { knock } from './library/knock-host.ts';
export { openConfiguredDoor, openDoor } from './library/open-door.ts';
export type {
  CommonOptions,
  KnockOptions,
  KnockSequence,
  OpenConfiguredDoorOptions,
  OpenDoorOptions,
  OpeningOptions,
} from './library/options.ts';
export { type Protocol, parseSequence, type Step } from './plan/sequence.ts';
export { KnockproxyError } from './util/errors.ts';
