/** Kinds of backends. */
export const MEMORY_TYPES = ['postgres', 'redis', 'weaviate', 'pinecone', 'custom'] as const;

export type MemoryType = (typeof MEMORY_TYPES)[number];

/** What a backend can do for an agent. */
export const MEMORY_CAPABILITIES = ['vector', 'kv', 'blob'] as const;

export type MemoryCapability = (typeof MEMORY_CAPABILITIES)[number];
