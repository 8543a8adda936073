# Sourced. Runs named stages, says how long each took, and keeps one result per stage for the summary.
# RESULTS is the directory of the results; whoever sources this empties it first.

: "${RESULTS:?the directory for results}"
mkdir -p "$RESULTS"

# No stage may hang: the last line must be printed while there is still time.
STAGE_LIMIT=${STAGE_LIMIT:-40m}
limited() {
  if command -v timeout >/dev/null; then timeout --kill-after=30s "$STAGE_LIMIT" "$@"; else "$@"; fi
}

# step NAME COMMAND…: one check. Its output is shown only when it fails; the next stage runs either way.
step() {
  local name=$1 file=$RESULTS/${1// /-} started=$SECONDS status=0
  shift
  limited "$@" >"$file.log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    echo '1 0' >"$file.result"
    printf '%5ss  ok    %s\n' $((SECONDS - started)) "$name"
  else
    echo '0 1' >"$file.result"
    printf '%5ss  FAIL  %s\n' $((SECONDS - started)) "$name"
    cat "$file.log"
  fi
}

# jest_step NAME ARGUMENTS…: a Jest run whose tests are counted one by one.
jest_step() {
  local name=$1 file=$RESULTS/${1// /-} started=$SECONDS status=0 passed failed
  shift
  limited node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js --json --outputFile="$file.json" "$@" || status=$?
  # Jest can end with 0 and without a word of its results, and with 1 and no failed test (a file that does not load).
  read -r passed failed < <(node hack/testing/jest-result.mjs "$file.json" 2>/dev/null) || { passed=0 failed=1; }
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
  echo "$passed $failed" >"$file.result"
  printf '%5ss  %-4s  %s: %s passed, %s failed\n' $((SECONDS - started)) "$([ "$failed" = 0 ] && echo ok || echo FAIL)" "$name" "$passed" "$failed"
}

# summary STAGE…: adds the stages up; one without a result did not run and counts as failed. Prints `N passed, N failed`,
# keeps that line in RESULTS/summary, and fails when anything failed.
summary() {
  local stage p f passed=0 failed=0
  for stage in "$@"; do
    if read -r p f 2>/dev/null <"$RESULTS/${stage// /-}.result"; then
      passed=$((passed + p)) failed=$((failed + f))
    else
      echo "did not run: $stage"
      failed=$((failed + 1))
    fi
  done
  echo "$passed passed, $failed failed" | tee "$RESULTS/summary"
  [ "$failed" = 0 ]
}
