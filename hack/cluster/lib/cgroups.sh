# A cgroup of the cluster's own that all pods run in: whatever is in it is ours to kill, and nothing else is.

CGROUP=/jangar-cluster

# Every directory of that group: one for each controller with cgroup v1, one in all with v2.
cgroup_directories() {
  local directory candidates=(/sys/fs/cgroup/*"$CGROUP")
  [ "$(cgroup_version)" = 1 ] || candidates=(/sys/fs/cgroup"$CGROUP")
  for directory in "${candidates[@]}"; do
    if [ -d "$directory" ]; then echo "$directory"; fi
  done
}

make_cgroups() {
  local controller
  if [ "$(cgroup_version)" = 2 ]; then
    enable_controllers
    mkdir -p /sys/fs/cgroup$CGROUP
    return
  fi
  for controller in /sys/fs/cgroup/*/; do
    controller=${controller%/}
    # Only a v1 hierarchy has `tasks`; a link (cpu → cpu,cpuacct) names one that is done under its own name.
    if [ -L "$controller" ] || [ ! -e "$controller/tasks" ]; then continue; fi
    mkdir -p "$controller$CGROUP"
    inherit_cpuset "$controller"
  done
}

# A new cpuset group is empty, and no process may enter it.
inherit_cpuset() { # hierarchy
  local file
  for file in cpuset.cpus cpuset.mems; do
    if [ -e "$1$CGROUP/$file" ]; then cat "$1/$file" >"$1$CGROUP/$file"; fi
  done
}

enable_controllers() {
  local root=/sys/fs/cgroup controller pid
  # In a container's cgroup namespace the root group holds processes, and only groups without any may have controllers.
  if [ -e $root/cgroup.type ] && ! grep -qw memory $root/cgroup.subtree_control; then
    mkdir -p "$root$CGROUP-host"
    while read -r pid; do echo "$pid" >"$root$CGROUP-host/cgroup.procs" || true; done <$root/cgroup.procs 2>/dev/null
  fi
  for controller in cpu cpuset memory pids io hugetlb; do
    echo "+$controller" >$root/cgroup.subtree_control 2>/dev/null || true
  done
  grep -qw memory $root/cgroup.subtree_control || fail "the memory controller cannot be enabled in $root" "run where cgroups may be changed: as root on the machine, or in a container with --privileged --cgroupns=private"
}

pod_processes() {
  local directory
  for directory in $(cgroup_directories); do find "$directory" -name cgroup.procs -exec cat {} + 2>/dev/null || true; done | sort -un
}

remove_cgroups() {
  local directory
  for directory in $(cgroup_directories); do find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
}
