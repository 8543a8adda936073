import type { KubernetesObject, OwnerReference } from './object.js';

/**
 * Makes `owner` the controller of a child: the garbage collector deletes the child after its owner.
 * `blockOwnerDeletion` stays false, else making the child would need the right to update the owner's finalizers
 * (OwnerReferencesPermissionEnforcement) and a stuck child would keep its owner.
 */
export function controllerReference(owner: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: false };
}

/** Whether the controller of `child` is the object with that uid; a namesake that was deleted and made again is not. */
export function isControlledBy(child: Pick<KubernetesObject, 'metadata'>, ownerUid: string): boolean {
  return (child.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === ownerUid);
}
