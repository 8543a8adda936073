import { applyDecorators, Injectable, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { Resource } from '../kubernetes/resource.js';
import type { Reconciler } from './reconciler.js';

export interface ReconcilerOptions<T extends KubernetesObject> {
  /** Kebab case and unique: the label `reconciler` of metrics. */
  readonly name: string;
  /** The kind whose objects are the keys. */
  readonly resource: Resource<T>;
}

/** What the explorer looks for. */
export const RECONCILER_MARK = DiscoveryService.createDecorator<ReconcilerOptions<KubernetesObject>>();

/**
 * Makes a class a reconciler: being a provider of any module is enough for the manager to find and run it.
 *
 * @example
 * ```ts
 * @ReconcilerFor({ name: 'agent', resource: AGENTS })
 * export class AgentReconciler implements Reconciler { … }
 * ```
 */
export function ReconcilerFor<T extends KubernetesObject>(
  options: ReconcilerOptions<T>,
): (target: Type<Reconciler>) => void {
  return applyDecorators(Injectable(), RECONCILER_MARK(options));
}
