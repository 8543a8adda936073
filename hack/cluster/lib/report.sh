# What the user sees: one line per step with the seconds it took, and failures that name the remedy.

# Milliseconds since some fixed moment; whole seconds where bash is older than 5.
now_ms() {
  local t=${EPOCHREALTIME:-}
  if [ -n "$t" ]; then
    t=${t/[.,]/}
    echo "${t%???}"
  else
    echo "$(date +%s)000"
  fi
}

say() { printf '         %s\n' "$*"; }

# Reports a step that began at the given now_ms.
took() { # started text…
  local ms=$(($(now_ms) - $1))
  shift
  printf '%5d.%ds  %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*"
}

# What a `set -e` that ends the script leaves unsaid.
on_exit() {
  local code=$?
  [ -z "${BACKGROUND_JOB:-}" ] || kill -- "-$BACKGROUND_JOB" 2>/dev/null || true
  if [ $code -ne 0 ] && [ -n "${CURRENT_STEP:-}" ]; then
    printf 'cluster: this step failed: %s\n' "$CURRENT_STEP" >&2
    [ -z "${CURRENT_LOG:-}" ] || { tail -n 20 "$CURRENT_LOG"; printf 'remedy:  see %s\n' "$CURRENT_LOG"; } >&2
  fi
}

# Runs a command and reports it. The command is not part of a condition, so that `set -e` holds inside it.
timed() { # text command…
  local text=$1 started
  started=$(now_ms)
  shift
  CURRENT_STEP=$text
  "$@"
  CURRENT_STEP=
  took "$started" "$text"
}

# The same with the command's output in a file, of which a failure shows the end.
timed_quietly() { # log text command…
  local text=$2 started
  started=$(now_ms)
  CURRENT_LOG=$1 CURRENT_STEP=$2
  mkdir -p "${1%/*}"
  shift 2
  "$@" >"$CURRENT_LOG" 2>&1
  CURRENT_LOG='' CURRENT_STEP=''
  took "$started" "$text"
}

fail() { # reason [remedy]
  CURRENT_STEP=
  {
    printf 'cluster: %s\n' "$1"
    [ -z "${2:-}" ] || printf 'remedy:  %s\n' "$2"
  } >&2
  exit 1
}
