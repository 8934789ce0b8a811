import type { Door, HostSettings, ViaPlace } from '../config/settings.ts';
import type { Warn } from '../secrets/obtained-sequences.ts';
import type { Log } from '../util/log.ts';

/** Where to knock from and what for. */
export interface ViaRequest {
  readonly place: ViaPlace;
  readonly names: {
    readonly host: string;
    readonly alias: string;
    readonly port: number;
    readonly user: string;
  };
  readonly settings: HostSettings & { readonly door: Door };
  readonly configFile?: string | undefined;
  /** The family of the command line: it wins over that of the configuration. */
  readonly family?: 4 | 6 | undefined;
  readonly warn: Warn;
  readonly report: Log;
  /** Called with what sends the knocks there, once there is a shell. */
  readonly onReady?: (tool: string) => void;
}

export interface ViaLogin extends ViaRequest {
  /** Whether ssh may wait for a descriptor. */
  readonly fdpass: boolean;
  readonly signal: AbortSignal;
}
