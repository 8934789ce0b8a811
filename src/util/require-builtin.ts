declare const require: (name: string) => unknown;

/**
 * Loads a Node module on demand, for modules that most runs never need. Before Node 20.16 only the bundle's own `require`
 * can do so; importing `node:module` would cost 0.3 ms at every start.
 */
export function requireBuiltin<T>(name: `node:${string}`): T {
  return (process.getBuiltinModule ?? require)(name) as T;
}
