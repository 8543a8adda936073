import { Module } from '@nestjs/common';
import { JobAdapter } from './job/job.adapter.js';
import { RUNTIME_ADAPTERS, RuntimeAdapters } from './runtime-adapters.js';

/** The runtimes; a new one is an adapter in the list. */
@Module({
  providers: [
    JobAdapter,
    { provide: RUNTIME_ADAPTERS, inject: [JobAdapter], useFactory: (job: JobAdapter) => [job] },
    RuntimeAdapters,
  ],
  exports: [RuntimeAdapters],
})
export class RuntimeModule {}
