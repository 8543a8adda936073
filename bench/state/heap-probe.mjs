// Loaded with --import into the process that is measured: answers each message with the memory that is in use after a full
// collection. Over IPC, so that nothing of the control plane is changed for the measurement.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('message', () => {
  // What the first one frees can let go of more: finalizers, weak references.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ heapUsed, external });
});
// Whoever measures it is gone.
process.once('disconnect', () => process.exit(1));
// Listening must not keep the process alive.
process.channel?.unref();
