import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { Config } from './modules/config/config.js';
import { reportFailedStart } from './modules/config/failed-start.js';

try {
  // Errors come here instead of ending the process half-way through a log line of Nest's own.
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { bufferLogs: true, abortOnError: false });
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  // With process.exit, because the first process of a container ignores the signal Nest would send to itself.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(app.get(Config).http.port);
} catch (error) {
  reportFailedStart(error);
  process.exit(1);
}
