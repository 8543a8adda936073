// Jest loads this file itself, outside of its transforms: Node strips the types, and the hook finds `x.ts` for `./x.js`.
import { registerHooks } from 'node:module';

function resolve(specifier, context, nextResolve) {
  const isTypeScript = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
  return nextResolve(isTypeScript ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

/** Jest's globalSetup of the integration project: one API server with the project's CRDs for all its files. */
export default async function setUp() {
  const hooks = registerHooks({ resolve });
  const { startSharedApiServer } = await import('./api-server.shared.ts');
  hooks.deregister();
  globalThis[Symbol.for('jangar.test.stopApiServer')] = await startSharedApiServer();
}
