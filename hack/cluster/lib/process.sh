# Background programs, each known by a file that says which process it is, so that a pid that was given to somebody
# else in the meantime (after a crash or a reboot) is never taken for ours.

# One at a time: the lock goes with the process that holds it. Descriptors 7 to 9 are closed in the programs started.
locked() { # cluster|build|images
  command -v flock >/dev/null || return 0
  mkdir -p "$CACHE"
  case $1 in
    images) exec 7>"$CACHE/images.lock"; flock -n 7 || { say "waiting for another build or load of images to end"; flock 7; } ;;
    build) exec 8>"$CACHE/build.lock"; flock -n 8 || { say "waiting for another build of the programs to end"; flock 8; } ;;
    cluster) exec 9>"$CACHE/cluster.lock"; flock -n 9 || { say "waiting for another up or down to end"; flock 9; } ;;
  esac
}
unlocked() { case $1 in images) exec 7>&- ;; build) exec 8>&- ;; cluster) exec 9>&- ;; esac; }

# When a process began, in clock ticks since boot: field 22 of its stat, counted after the name, which may hold spaces.
started_at() { # pid
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # shellcheck disable=SC2086  # split into fields
  set -- ${stat##*) }
  echo "${20}"
}

# The identity of a process on this boot of the machine, as kept in its pid file: "pid ticks boot".
identity() { # pid
  local ticks
  ticks=$(started_at "$1") || return 1
  echo "$1 $ticks $(</proc/sys/kernel/random/boot_id)"
}

spawn() { # name command…
  local name=$1 pid
  shift
  mkdir -p "$PIDS" "$LOGS"
  setsid "$@" >>"$LOGS/$name.log" 2>&1 </dev/null 7>&- 8>&- 9>&- &
  pid=$!
  disown "$pid"
  identity "$pid" >"$PIDS/$name" || fail "$name ended at once: $(tail -n 1 "$LOGS/$name.log")" "see $LOGS/$name.log"
}

# The pid of a component that is running, and is the one that was started under this name.
pid_of() { # name
  local pid rest
  { read -r pid rest <"$PIDS/$1"; } 2>/dev/null || return 1
  [ "$(identity "$pid")" = "$pid $rest" ] || return 1
  # A zombie that nobody has reaped yet still has an identity.
  [ "$(sed 's/.*) //; s/ .*//' "/proc/$pid/stat" 2>/dev/null)" != Z ] || return 1
  echo "$pid"
}

is_running() { pid_of "$1" >/dev/null; }

# TERM, then KILL after a few seconds (the API server would drain its watches for up to a minute).
stop_process() { # name [seconds of grace]
  local pid tries=$((${2:-5} * 10))
  if pid=$(pid_of "$1"); then
    [ "$tries" -eq 0 ] || kill -TERM "$pid" 2>/dev/null || true
    while [ $((tries--)) -gt 0 ] && is_running "$1"; do sleep 0.1; done
    kill_all "$1" pid_of "$1"
  fi
  rm -f "$PIDS/$1"
}

# Kills what the command lists until it lists nothing: new processes may come while the old ones go.
kill_all() { # whose command…
  local whose=$1 list deadline=$((SECONDS + 20))
  shift
  while list=$("$@") && [ -n "$list" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "processes of $whose do not die: ${list//$'\n'/ }" "look at them with ps; a process in state D waits for a device"
    # shellcheck disable=SC2086  # one word for each process
    kill -KILL $list 2>/dev/null || true
    sleep 0.05
  done
}

# Polls a command until it succeeds. Ends at once with the program's last words if the program is gone.
await() { # name seconds text command…
  local name=$1 deadline=$((SECONDS + $2)) text=$3
  shift 3
  until "$@" >/dev/null 2>&1; do
    is_running "$name" || fail "$name ended: $(last_words "$name")" "see $LOGS/$name.log"
    [ "$SECONDS" -lt "$deadline" ] || fail "$text did not happen in time; $name says: $(last_words "$name")" "see $LOGS"
    sleep 0.2
  done
}

last_words() { tail -n 400 "$LOGS/$1.log" 2>/dev/null | grep -E '^(E|F)[0-9]{4}|level=(error|fatal)|"level":"(error|fatal|panic)"|panic:|Error:' | tail -n 1 | cut -c1-400; }
