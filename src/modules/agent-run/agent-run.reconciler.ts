import type { AgentRunStatus, RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { describeError } from '../../domain/describe-error.js';
import { isInvalid } from '../kubernetes/api-error.js';
import { KubernetesClient } from '../kubernetes/client.js';
import { EventRecorder } from '../kubernetes/event-recorder.js';
import { AGENT_RUNS } from '../kubernetes/resource.js';
import { done, type Outcome, requeueAfter, retryAfter, terminal } from '../manager/outcome.js';
import type { ReconcileContext, Reconciler, Watch } from '../manager/reconciler.js';
import { ReconcilerFor } from '../manager/reconciler.decorator.js';
import { StatusWriter } from '../manager/status-writer.js';
import type { Submission } from '../runtime/runtime-adapter.js';
import { RuntimeAdapters } from '../runtime/runtime-adapters.js';
import { Admission } from './admission/admission.js';
import { identityOf, RunGatherer, runtimeOf } from './agent-run.gather.js';
import { RunMetrics } from './agent-run.metrics.js';
import { type Decision, isFinished, isGone, planRun, type RunInput } from './agent-run.plan.js';
import { lastAttempt } from './attempts.plan.js';
import { runStatus } from './agent-run.status.js';
import { BlockedWatch } from './blocked-watch.js';
import { withoutSkew } from './clock-of-node.observe.js';
import { eventsBetween } from './events.status.js';
import { resolvedOf } from './frozen.manifest.js';
import { withoutDetails } from './plain.status.js';
import { RunCaches } from './run-caches.js';
import { RunSubmitter, type Submitted } from './run-submitter.js';
import type { RunFacts, RunState } from './state.types.js';
import { afterSubmission } from './submission.status.js';

/** What a pass came to, before it is written; without a state there is nothing to write. */
interface Step {
  state?: RunState | undefined;
  facts: RunFacts;
  requeueAfterMs?: number | undefined;
  /** What the API server said to the workload: `rejected` no later pass can change, `refused` one may. */
  submission?: Submission['kind'];
}

/** Brings AgentRuns to their end: gather, plan, one effect, one status write, then events and metrics. */
@ReconcilerFor({ name: 'agent-run', resource: AGENT_RUNS })
export class AgentRunReconciler implements Reconciler {
  constructor(
    private readonly caches: RunCaches,
    private readonly gatherer: RunGatherer,
    private readonly submitter: RunSubmitter,
    private readonly adapters: RuntimeAdapters,
    private readonly statusWriter: StatusWriter,
    private readonly events: EventRecorder,
    private readonly metrics: RunMetrics,
    private readonly blocked: BlockedWatch,
    private readonly client: KubernetesClient,
    private readonly admission: Admission,
  ) {}

  onStart(wake: (key: string) => void): void {
    this.admission.start(wake);
  }

  watches(): readonly Watch[] {
    return [...this.caches.watches(), ...this.adapters.watches((uid) => this.caches.keyOfUid(uid))];
  }

  async reconcile(key: string, context: ReconcileContext): Promise<Outcome> {
    const cached = this.gatherer.gather(key);
    if (!cached) {
      this.blocked.forget(key);
      // The pass before may have asked for a slot when its end was told already: nothing else would free it.
      this.admission.giveBack(key);
      return done();
    }
    context.logger.assign(this.#correlation(cached.run));
    let input = await this.#completed(cached, context);
    let decision = planRun(input, context.now());
    if (decision.unconfirmed) {
      const confirmed = await this.gatherer.confirm(cached, context.signal);
      if (!confirmed) return done();
      input = await this.#completed(confirmed, context);
      decision = planRun(input, context.now());
    }
    const step = await this.#apply(input, decision, context);
    const blockedInMs = step.state && (await this.#write(input.run, step.state, step.facts, context));
    // After the write: had the cache been behind, there would have been a Conflict, and a workload perhaps.
    if (isDeletedWithoutWorkload(input)) this.admission.release(key);
    else if (!keepsSlot(input, decision, step)) this.admission.giveBack(key);
    if (step.submission === 'rejected') return terminal();
    const inMs = Math.min(step.requeueAfterMs ?? Infinity, blockedInMs ?? Infinity);
    if (!Number.isFinite(inMs)) return done();
    return step.submission === 'refused' ? retryAfter(inMs) : requeueAfter(inMs);
  }

  /** What a reader of the log finds a run and its issue by. */
  #correlation(run: AgentRun): Record<string, string> {
    const implementation = this.caches.implementationOf(run);
    return {
      'agentRun.uid': run.metadata.uid,
      ...(implementation && { 'implementationSpec.uid': implementation.metadata.uid }),
    };
  }

  /** A crash between the workload's creation and the status write lost what was resolved: the frozen spec still has it. */
  async #completed(gathered: RunInput, { signal, now }: ReconcileContext): Promise<RunInput> {
    const { run, observation } = gathered;
    const input = { ...gathered, observation: withoutSkew(observation, now()) };
    if (observation.state === 'absent' || run.status?.resolved || isFinished(run)) return input;
    const execution = await this.submitter.readFrozen(run, signal);
    return { ...input, ...(execution && { resolved: resolvedOf(execution) }) };
  }

  async #apply(input: RunInput, decision: Decision, { signal }: ReconcileContext): Promise<Step> {
    const { run, observation, resolved } = input;
    const { action, state, verdict, requeueAfterMs } = decision;
    const facts: RunFacts = { observation, ...(resolved && { resolved }), ...(verdict && { verdict }) };
    switch (action?.kind) {
      case 'submit':
        return this.#submitted(run, facts, await this.submitter.submit(run, action.execution, signal));
      case 'retry':
        return this.#submitted(run, facts, await this.submitter.retry(run, action.attempt, signal));
      case 'stop':
        await this.adapters.stop(identityOf(run, action.attempt), runtimeOf(run), signal);
        return { state, facts, requeueAfterMs };
      case 'expire':
        await this.#expire(run, signal);
        return { facts };
      case undefined:
        return { state, facts, requeueAfterMs };
    }
  }

  #submitted(run: AgentRun, facts: RunFacts, submitted: Submitted): Step {
    const last = lastAttempt(run);
    if ('submission' in submitted) {
      const { ref, ...after } = afterSubmission(submitted.submission, run.status?.message, last);
      const made = ref && { ref, resolved: resolvedOf(submitted.execution) };
      return { ...after, facts: { ...facts, ...made }, submission: submitted.submission.kind };
    }
    return submitted.kind === 'stale' ? { facts } : { facts, state: unrepeatable(last) };
  }

  /**
   * Deletes a run whose time is over, as it was seen: one whose TTL was raised meanwhile has another resourceVersion. What it
   * owns goes by garbage collection.
   */
  async #expire({ metadata }: AgentRun, signal: AbortSignal): Promise<void> {
    const { namespace = '', name, uid, resourceVersion } = metadata;
    await this.client.delete(AGENT_RUNS, namespace, name, { uid, resourceVersion }, signal);
  }

  /** @returns in how many milliseconds the event of a run that stays Blocked is due, if one is */
  async #write(
    run: AgentRun,
    state: RunState,
    facts: RunFacts,
    context: ReconcileContext,
  ): Promise<number | undefined> {
    const { next, written } = await this.#writeStatus(run, runStatus(run, state, facts, context.now()), context);
    const blocked = this.blocked.check(run, next, context.now());
    if (blocked.event) this.events.record(run, blocked.event);
    if (!written) return blocked.inMs;
    for (const event of eventsBetween(run.status, next)) this.events.record(run, event);
    this.metrics.observe(run, next);
    context.logger.info({ phase: next.phase, reason: next.reason }, 'status written');
    return blocked.inMs;
  }

  /** A status that the API server finds invalid would be refused for ever, and the run never end: its details go. */
  async #writeStatus(run: AgentRun, full: AgentRunStatus, { signal, logger }: ReconcileContext) {
    try {
      return { next: full, written: await this.statusWriter.write(AGENT_RUNS, run, full, signal) };
    } catch (error) {
      if (!isInvalid(error)) throw error;
      logger.error({ err: describeError(error, false) }, 'the status was refused and is written without details');
      const next = withoutDetails(full, run.status);
      return { next, written: await this.statusWriter.write(AGENT_RUNS, run, next, signal) };
    }
  }
}

/** Its status says for ever that it was submitted: it is not judged any more, and a foreign finalizer may keep it. */
function isDeletedWithoutWorkload({ run, observation, earlier }: RunInput): boolean {
  return run.metadata.deletionTimestamp !== undefined && isGone(observation) && isGone(earlier);
}

/**
 * A workload is there, or the run waits for its turn; after every other pass, others may have the slot that it was given. A
 * submission that came to nothing because the cached run was behind says nothing about the slot: its event will.
 */
function keepsSlot({ observation }: RunInput, { action, state }: Decision, step: Step): boolean {
  if (action?.kind === 'submit' || action?.kind === 'retry') {
    return step.submission === 'submitted' || step.state === undefined;
  }
  const waits = state?.kind === 'queued' || (state?.kind === 'retrying' && state.blocked !== undefined);
  return waits || observation.state !== 'absent';
}

/** Somebody deleted the frozen spec, which nothing can make again: the run ends as its last attempt did. */
function unrepeatable({ failureClass = 'RuntimeError', message = '' }: RunAttempt = { number: 1 }): RunState {
  const text = `it cannot be repeated, because the ConfigMap with its frozen spec is gone: ${message}`;
  return { kind: 'failed', failureClass, message: text };
}
