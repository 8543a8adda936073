import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Global, Module } from '@nestjs/common';
import { Config } from './config.js';
import { readConfig } from './config.reader.js';

/** Mounted in every pod that has a service-account token. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

function serviceAccountNamespace(): string | undefined {
  return existsSync(NAMESPACE_FILE) ? readFileSync(NAMESPACE_FILE, 'utf8').trim() : undefined;
}

/** Makes the one Config of the process. Nothing else reads the environment. */
@Global()
@Module({
  providers: [
    { provide: Config, useFactory: () => readConfig({ env: process.env, serviceAccountNamespace, hostname }) },
  ],
  exports: [Config],
})
export class ConfigModule {}
