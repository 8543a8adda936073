import { Module } from '@nestjs/common';
import { AgentRunModule } from '../agent-run/agent-run.module.js';
import { AgentProviderReconciler } from './agent-provider.reconciler.js';
import { AgentReconciler } from './agent.reconciler.js';

/** Agent and AgentProvider: what runs are made with. */
@Module({ imports: [AgentRunModule], providers: [AgentReconciler, AgentProviderReconciler] })
export class AgentModule {}
