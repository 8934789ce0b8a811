import {
  type ConfigFiles,
  type ConfigSystem,
  type Evaluation,
  evaluateConfig,
  loadConfig,
  type Query,
  type Wanted,
} from '../../../src/ssh-config/evaluate.ts';

/** Reads the files for one host. */
export function evaluate(query: Query, files: ConfigFiles, wanted: Wanted, system: ConfigSystem): Evaluation {
  return evaluateConfig(loadConfig(files, wanted, system, { query }), query);
}
