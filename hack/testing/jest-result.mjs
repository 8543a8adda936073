// node jest-result.mjs FILE: prints `PASSED FAILED` of a Jest result file. A skipped or planned test counts as failed, and so
// does a run without a single test; no result file is an error.
import { readFileSync } from 'node:fs';

const run = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const passed = run.numPassedTests;
const failed = run.numFailedTests + run.numRuntimeErrorTestSuites + run.numPendingTests + run.numTodoTests;
console.log(`${passed} ${failed + (passed === 0 && failed === 0 ? 1 : 0)}`);
