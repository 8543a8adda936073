import { Module } from '@nestjs/common';
import { AgentProviderReconciler } from './agent-provider.reconciler.js';
import { AgentReconciler } from './agent.reconciler.js';

/** Agent and AgentProvider: what runs are made with. */
@Module({ providers: [AgentReconciler, AgentProviderReconciler] })
export class AgentModule {}
