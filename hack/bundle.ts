// Bundles the programs of the images, each to one file: no node_modules at run time, less memory, a faster start.
//   node hack/bundle.ts                         the control plane, from the output of `nest build`, and agent-runner
//   node hack/bundle.ts runner DIRECTORY        agent-runner alone
//   node hack/bundle.ts codex-agent DIRECTORY   the program of the reference agent's image
// Without DIRECTORY into dist/bundle.
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

const root = join(import.meta.dirname, '..');

/**
 * What Nest's core loads only when it is installed. Bundled, each probe would be a build error; external, it fails at run
 * time as it does without the package.
 */
const OPTIONAL = ['@nestjs/microservices', '@nestjs/websockets'];

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  legalComments: 'none',
  logLevel: 'warning',
};

async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return (manifest as { version: string }).version;
}

/**
 * From `dist`, not from `src`: esbuild emits no decorator metadata, which Nest injects by. Not minified: it saves no memory,
 * and a stack trace names what it names in the source.
 */
async function bundleControlPlane(directory: string, version: string): Promise<string> {
  const outfile = join(directory, 'jangar.mjs');
  await build({
    ...shared,
    entryPoints: [join(root, 'dist/main.js')],
    outfile,
    format: 'esm',
    target: 'node24',
    external: OPTIONAL,
    // Nest names providers and metrics by their classes; esbuild renames one of two classes of the same name.
    keepNames: true,
    define: { JANGAR_VERSION: JSON.stringify(version) },
    // CommonJS parts call `require`, which an ES module does not have.
    banner: {
      js: "import { createRequire as jangarRequire } from 'node:module'; const require = jangarRequire(import.meta.url);",
    },
  });
  return outfile;
}

/** CommonJS, because a file without extension is that to every Node an image may have. */
async function bundleProgram(outfile: string, entryPoint: string, version: string): Promise<string> {
  await build({
    ...shared,
    entryPoints: [join(root, entryPoint)],
    outfile,
    format: 'cjs',
    target: 'node20',
    define: { AGENT_RUNNER_VERSION: JSON.stringify(version) },
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(outfile, 0o755);
  // Without it the project's own package.json would make the file an ES module where it stands.
  await writeFile(join(dirname(outfile), 'package.json'), '{ "type": "commonjs" }\n');
  return outfile;
}

const bundleRunner = (directory: string, version: string): Promise<string> =>
  bundleProgram(join(directory, 'agent-runner'), 'src/runner/main.ts', version);

const bundleCodexAgent = (directory: string, version: string): Promise<string> =>
  bundleProgram(join(directory, 'codex-agent'), 'apps/froussard/codex-agent/main.ts', version);

const bundleBoth = (directory: string, version: string): Promise<string[]> =>
  Promise.all([bundleRunner(directory, version), bundleControlPlane(directory, version)]);

const BUNDLES: Readonly<Record<string, (directory: string, version: string) => Promise<string | string[]>>> = {
  all: bundleBoth,
  runner: bundleRunner,
  'codex-agent': bundleCodexAgent,
};

async function main(what = 'all', directory = join(root, 'dist/bundle')): Promise<void> {
  const bundle = BUNDLES[what];
  if (bundle === undefined) throw new Error(`what to bundle is one of ${Object.keys(BUNDLES).join(', ')}`);
  await mkdir(directory, { recursive: true });
  for (const file of [await bundle(directory, await packageVersion())].flat())
    console.log(`${file} ${Math.round((await stat(file)).size / 1024)} KiB`);
}

await main(process.argv[2], process.argv[3]);
