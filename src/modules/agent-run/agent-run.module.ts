import { Module } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { Admission } from './admission/admission.js';
import { ADMISSION_METRIC_PROVIDERS } from './admission/admission.metrics.js';
import { AgentOutages } from './agent-outages.js';
import { RunGatherer } from './agent-run.gather.js';
import { RUN_METRIC_PROVIDERS, RunMetrics } from './agent-run.metrics.js';
import { AgentRunReconciler } from './agent-run.reconciler.js';
import { BlockedWatch } from './blocked-watch.js';
import { RunCaches } from './run-caches.js';
import { RunSubmitter } from './run-submitter.js';

/** AgentRun: from what was applied to what became of it. */
@Module({
  imports: [RuntimeModule],
  providers: [
    ...RUN_METRIC_PROVIDERS,
    ...ADMISSION_METRIC_PROVIDERS,
    RunCaches,
    AgentOutages,
    Admission,
    RunGatherer,
    RunSubmitter,
    RunMetrics,
    BlockedWatch,
    AgentRunReconciler,
  ],
  exports: [AgentOutages],
})
export class AgentRunModule {}
