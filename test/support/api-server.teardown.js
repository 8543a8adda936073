/** Jest's globalTeardown of the integration project: ends what its globalSetup started. */
export default async function tearDown() {
  await globalThis[Symbol.for('jangar.test.stopApiServer')]?.();
}
