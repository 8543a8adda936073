import { Injectable } from '@nestjs/common';
import { LABELS } from '../../../api/meta/labels.js';
import type { KubernetesObject } from '../../../api/meta/object.js';
import { isControlledBy } from '../../../api/meta/owner-reference.js';
import { isAlreadyExists } from '../../kubernetes/api-error.js';
import { KubernetesClient } from '../../kubernetes/client.js';
import type { Informer } from '../../kubernetes/informer.js';
import { Informers } from '../../kubernetes/informers.js';
import { refusalOf } from '../../kubernetes/refusal.js';
import { JOBS, PODS } from '../../kubernetes/resource.js';
import { watch, type Watch } from '../../manager/reconciler.js';
import type { Observation } from '../observation.types.js';
import type { RuntimeAdapter, Submission, Workload, WorkloadIdentity } from '../runtime-adapter.js';
import { jobManifest, jobName } from './job.manifest.js';
import { isJudged, observeJob } from './job.observe.js';
import type { Job, Pod } from './job.types.js';
import { trimJob, trimPod } from './trim.observe.js';

const BY_ATTEMPT = 'attempt';
/** Only what this control plane made is cached. */
const OURS = LABELS.agentRunUid;

/** Runs attempts as batch/v1 Jobs. A Job goes with its run by garbage collection, so no finalizer is needed. */
@Injectable()
export class JobAdapter implements RuntimeAdapter {
  readonly type = 'job';
  readonly #client: KubernetesClient;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;

  constructor(informers: Informers, client: KubernetesClient) {
    this.#client = client;
    this.#jobs = informers.register<Job>(JOBS, { labelSelector: OURS, trim: trimJob });
    this.#pods = informers.register<Pod>(PODS, {
      labelSelector: OURS,
      trim: trimPod,
      indexes: { [BY_ATTEMPT]: ({ metadata }) => [attemptKey(uidOf({ metadata }), metadata.labels?.[LABELS.attempt])] },
    });
  }

  async submit(workload: Workload, signal: AbortSignal): Promise<Submission> {
    const { run } = workload;
    let job: Job;
    try {
      job = await this.#client.create(JOBS, run.namespace, jobManifest(workload), signal);
    } catch (error) {
      if (!isAlreadyExists(error)) return refusalOf(error);
      const existing = await this.#client.get(JOBS, run.namespace, jobName(workload), signal);
      // Deleted between the two requests: not ours to guess about, the next pass looks again.
      if (!existing) throw error;
      job = existing;
    }
    if (!isControlledBy(job, run.uid)) {
      const message = `a Job named ${job.metadata.name} belongs to something else; delete it and create a new run`;
      return { kind: 'nameConflict', message };
    }
    const { name, uid } = job.metadata;
    return { kind: 'submitted', ref: { type: this.type, name, namespace: run.namespace, uid } };
  }

  observe(identity: WorkloadIdentity): Observation {
    const { run, attempt } = identity;
    const pods = this.#pods.byIndex(BY_ATTEMPT, attemptKey(run.uid, String(attempt)));
    const job = ownedBy(run.uid, this.#jobs.get(run.namespace, jobName(identity)));
    return observeJob(job, ownPods(pods, jobName(identity), job));
  }

  async confirm(identity: WorkloadIdentity, signal: AbortSignal): Promise<Observation> {
    const { run, attempt } = identity;
    const labelSelector = `${LABELS.agentRunUid}=${run.uid},${LABELS.attempt}=${attempt}`;
    // The Job first: a Job that is gone makes no more pods, so the list that follows is complete.
    const job = await this.#client.get(JOBS, run.namespace, jobName(identity), signal);
    const pods = await this.#client.list(PODS, run.namespace, { labelSelector }, signal);
    const own = ownedBy(run.uid, job);
    return observeJob(own, ownPods(pods, jobName(identity), own));
  }

  async stop(identity: WorkloadIdentity, signal: AbortSignal): Promise<void> {
    const { run } = identity;
    const job = ownedBy(run.uid, await this.#client.get(JOBS, run.namespace, jobName(identity), signal));
    // Nothing lives of one that is judged: a cache is behind that says so. Deleted, it would take the log with it.
    if (!job || job.metadata.deletionTimestamp !== undefined || isJudged(job)) return;
    // Foreground: the Job stays, terminating, until its pods had their grace and are gone.
    const options = { uid: job.metadata.uid, propagationPolicy: 'Foreground' } as const;
    await this.#client.delete(JOBS, run.namespace, job.metadata.name, options, signal);
  }

  watches(keyOfUid: (uid: string) => string | undefined): readonly Watch[] {
    const keys = ({ object }: { object: KubernetesObject }): readonly string[] => {
      const key = keyOfUid(uidOf(object));
      return key === undefined ? [] : [key];
    };
    return [watch(this.#jobs, keys), watch(this.#pods, keys)];
  }
}

function uidOf({ metadata }: Pick<KubernetesObject, 'metadata'>): string {
  return metadata.labels?.[LABELS.agentRunUid] ?? '';
}

function attemptKey(uid: string, attempt: string | undefined): string {
  return `${uid}/${attempt ?? ''}`;
}

/** A namesake that something else made is not the run's workload. */
function ownedBy(uid: string, job: Job | undefined): Job | undefined {
  return job && isControlledBy(job, uid) ? job : undefined;
}

/**
 * The pods that the Job's controller made: labels can be copied, a controller reference is the cluster's own. Where the Job is
 * gone, also one that belongs to nobody and has such a name: `kubectl delete job --cascade=orphan` leaves it running.
 */
function ownPods(pods: readonly Pod[], name: string, job: Job | undefined): readonly Pod[] {
  return pods.filter(({ metadata }) => {
    const owners = metadata.ownerReferences ?? [];
    if (job) return owners.some(({ controller, uid }) => controller === true && uid === job.metadata.uid);
    if (owners.length === 0) return metadata.name.startsWith(`${name}-`);
    return owners.some((owner) => owner.kind === JOBS.kind && owner.name === name);
  });
}
