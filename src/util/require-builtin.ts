declare const require: (name: string) => unknown;

/**
 * Loads a module of Node's that most runs never need only when it is asked for. Before Node 20.16 there is only the
 * bundle's own `require`; `node:module` would cost every start a third of a millisecond.
 */
export function requireBuiltin<T>(name: `node:${string}`): T {
  return (process.getBuiltinModule ?? require)(name) as T;
}
