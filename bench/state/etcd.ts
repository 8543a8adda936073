/** Requests at a time. */
const CONCURRENCY = 16;

/** One object as the API server stores it. */
export interface Stored {
  /** Under `/registry`. */
  readonly key: string;
  /** JSON, which the API server reads beside its own encoding. */
  readonly value: string;
}

/**
 * Writes objects into etcd as the API server would have stored them, by etcd's JSON gateway
 * (https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway). Ten thousand runs by way of the API server take minutes, and
 * nothing of what is measured depends on how they came there. One by one: objects that were written in one transaction
 * share a resourceVersion, and a watch that goes on from there would miss the rest of them.
 */
export async function store(etcdUrl: string, objects: Iterable<Stored>): Promise<void> {
  // All take from one iterator.
  const queue = objects[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await put(etcdUrl, next.value);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

async function put(etcdUrl: string, { key, value }: Stored): Promise<void> {
  const body = JSON.stringify({ key: base64(key), value: base64(value) });
  const response = await fetch(`${etcdUrl}/v3/kv/put`, { method: 'POST', body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`etcd refused ${key}: ${answer}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
