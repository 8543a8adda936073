import { LABELS } from '../../../src/api/meta/labels.js';
import type { HollowPod } from '../../support/hollow-node/hollow-pod.types.js';
import { type PodScript, QUICK } from '../../support/hollow-node/pod-script.js';

/** What the pod of an attempt does, asked when the pod is made; attempts count from 1. */
export type ScriptOf = (attempt: number) => PodScript;

/** What the pods of runs do; one that nobody has said anything of succeeds as fast as it can. */
export class Scripts {
  readonly #scripts = new Map<string, ScriptOf>();

  /** @param what a namespace, or `namespace/run`, which comes before the namespace */
  play(what: string, scriptOf: ScriptOf): void {
    this.#scripts.set(what, scriptOf);
  }

  of({ metadata: { namespace = '', labels = {} } }: HollowPod): PodScript {
    const scriptOf = this.#scripts.get(`${namespace}/${labels[LABELS.agentRun]}`) ?? this.#scripts.get(namespace);
    return scriptOf?.(Number(labels[LABELS.attempt])) ?? QUICK;
  }
}
