# shellcheck shell=bash
# Long-running processes: each in a session of its own, with a log and a pid file that survives a reused process id.
# A pid file holds "PID START", START being the process's start time in clock ticks since boot (proc(5), field 22 of stat).

# Prints the start time of a process; fails when it has ended, also when nobody has collected it yet (a zombie).
start_time_of() {
  local stat fields
  # The command's name, in parentheses, may hold spaces: what counts begins after the last ')', with the state.
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] || return 1
  printf '%s\n' "${fields[19]}"
}

# Prints the pid that the pid file names if that very process still runs; fails otherwise.
running_pid() {
  local pid started
  [ -r "$1" ] && read -r pid started <"$1" || return 1
  [ -n "${started:-}" ] && [ "$(start_time_of "$pid")" = "$started" ] || return 1
  printf '%s\n' "$pid"
}

# start_process PIDFILE LOGFILE COMMAND...: does nothing if it runs already.
start_process() {
  local pid_file=$1 log_file=$2 pid
  shift 2
  if running_pid "$pid_file" >/dev/null; then
    return 0
  fi
  # No descriptor of ours goes along: a terminal, a pipe or the lock would be held open as long as the process lives.
  # setsid executes in place when it is no group leader, which a background job of a script never is.
  (
    for descriptor in /proc/self/fd/*; do
      descriptor=${descriptor##*/}
      [ "$descriptor" -le 2 ] || eval "exec $descriptor>&-"
    done
    exec setsid "$@" </dev/null >>"$log_file" 2>&1
  ) &
  pid=$!
  printf '%s %s\n' "$pid" "$(start_time_of "$pid")" >"$pid_file"
}

# stop_process PIDFILE SECONDS [SIGNAL]: ends the process, by force once the seconds are over.
stop_process() {
  local pid_file=$1 deadline=$2 signal=${3:-TERM} pid
  if pid=$(running_pid "$pid_file"); then
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait_until "$deadline" is_stopped "$pid_file" || {
      warn "process $pid did not end within $deadline s and is killed"
      kill -s KILL "$pid" 2>/dev/null || true
      wait_until 10 is_stopped "$pid_file" || warn "process $pid can't be killed"
    }
  fi
  rm -f "$pid_file"
}

is_stopped() {
  ! running_pid "$1" >/dev/null
}

# wait_until SECONDS COMMAND...: succeeds as soon as the command does, fails when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# Whether something answers on a loopback port.
port_answers() {
  (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
