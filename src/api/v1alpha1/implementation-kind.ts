/** Issue trackers that an ImplementationSource reads. */
export const TRACKERS = ['github', 'linear'] as const;

export type Tracker = (typeof TRACKERS)[number];

/** Where an ImplementationSpec may come from. */
export const IMPLEMENTATION_PROVIDERS = [...TRACKERS, 'manual', 'custom'] as const;

export type ImplementationProvider = (typeof IMPLEMENTATION_PROVIDERS)[number];
