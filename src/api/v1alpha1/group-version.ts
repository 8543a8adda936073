/** API group of every kind of this project. */
export const GROUP = 'agents.proompteng.ai';

/** The one version that is served and stored. */
export const VERSION = 'v1alpha1';

/** `apiVersion` of every object of this project. */
export const API_VERSION = `${GROUP}/${VERSION}`;
