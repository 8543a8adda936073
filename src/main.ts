import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { Config } from './modules/config/config.js';
import { reportFailedStart } from './modules/config/failed-start.js';

try {
  // A failed start is told below, as one line: without these, Nest writes what it buffered, in colours, and ends by itself.
  const quiet = { bufferLogs: true, autoFlushLogs: false, abortOnError: false };
  const app = await NestFactory.create<NestExpressApplication>(AppModule, quiet);
  app.useLogger(app.get(Logger));
  app.flushLogs();
  app.disable('x-powered-by');
  // With process.exit, because the first process of a container ignores the signal Nest would send to itself.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(app.get(Config).http.port);
} catch (error) {
  reportFailedStart(error);
  process.exit(1);
}
