# Sourced. Runs named steps, says how long each took, and keeps what each said for the summary.
# RESULTS holds one JSON file per step or Jest run; `summary` adds them up.

: "${RESULTS:?the directory for results}"
mkdir -p "$RESULTS"

# step NAME COMMAND…: runs it, shows its output only when it fails, and goes on either way.
step() {
  local name=$1 started=$SECONDS log
  shift
  log="$RESULTS/${name//[^a-z0-9]/-}.log"
  if "$@" >"$log" 2>&1; then
    printf '%5ss  ok    %s\n' $((SECONDS - started)) "$name"
    echo '{"numPassedTests":1,"numFailedTests":0,"numPendingTests":0}' >"$RESULTS/${name//[^a-z0-9]/-}.json"
  else
    printf '%5ss  FAIL  %s\n' $((SECONDS - started)) "$name"
    cat "$log"
    echo '{"numPassedTests":0,"numFailedTests":1,"numPendingTests":0}' >"$RESULTS/${name//[^a-z0-9]/-}.json"
  fi
}

# jest_step NAME ARGUMENTS…: a Jest run whose tests are counted one by one.
jest_step() {
  local name=$1 started=$SECONDS status=ok result
  shift
  result="$RESULTS/${name//[^a-z0-9]/-}.json"
  if ! node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js --json --outputFile="$result" "$@"; then
    status=FAIL
    # A suite that cannot be loaded runs no test: it counts as one that failed, or a broken file would pass unseen.
    [ -s "$result" ] || echo '{"numPassedTests":0,"numFailedTests":1,"numPendingTests":0}' >"$result"
  fi
  printf '%5ss  %-4s  %s\n' $((SECONDS - started)) "$status" "$name"
}

# summary: prints `N passed, N failed`, fails when anything failed, was skipped, or nothing ran.
summary() {
  node --input-type=module -e '
    import { readdirSync, readFileSync } from "node:fs";
    const [dir] = process.argv.slice(1);
    let passed = 0, failed = 0, skipped = 0;
    for (const file of readdirSync(dir).filter((name) => name.endsWith(".json"))) {
      const run = JSON.parse(readFileSync(`${dir}/${file}`, "utf8"));
      passed += run.numPassedTests;
      failed += run.numFailedTests + (run.numRuntimeErrorTestSuites ?? 0);
      skipped += run.numPendingTests + (run.numTodoTests ?? 0);
    }
    if (skipped > 0) console.log(`${skipped} skipped: a skipped test counts as failed`);
    console.log(`${passed} passed, ${failed + skipped} failed`);
    process.exitCode = failed + skipped > 0 || passed === 0 ? 1 : 0;
  ' "$RESULTS"
}
