# shellcheck shell=bash disable=SC2034
# Shared by ./run, ./test and .ci/run (sourced, bash): installs the Debian packages that are missing and builds.
# Everything said here goes to stderr; long output goes to a log that is shown only when something fails.

chasm_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
chasm_log="$chasm_root/build/setup.log"

# A tool is present when its command is, a library when its package is installed.
build_tools=(cmake:cmake g++:g++ ninja-build:ninja pkg-config:pkg-config)
build_packages=(libsystemc-dev libboost-program-options-dev libfmt-dev nlohmann-json3-dev
                libvalijson-dev libgtest-dev libbenchmark-dev zlib1g-dev libsqlite3-dev)
test_packages=(python3 python3-numpy)

say() { printf 'chasm: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# quietly WHAT COMMAND...: names WHAT once it has taken two seconds, and shows the log's end when the command fails.
quietly() {
  local what=$1 ended result=
  shift
  mkdir -p "$(dirname "$chasm_log")"
  exec {ended}< <("$@" >"$chasm_log" 2>&1 </dev/null && echo 0 || echo 1)
  read -r -t 2 -u "$ended" result || {
    say "$what ..."
    read -r -u "$ended" result || true
  }
  exec {ended}<&-
  if [[ $result != 0 ]]; then
    tail -n 60 "$chasm_log" >&2
    die "$what failed (the whole log: $chasm_log)"
  fi
}

package_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# missing_packages NAME...: those not installed; NAME is a package, or package:command.
missing_packages() {
  local name
  for name in "$@"; do
    if [[ $name == *:* ]]; then
      command -v "${name#*:}" >/dev/null 2>&1 || printf '%s\n' "${name%%:*}"
    else
      package_installed "$name" || printf '%s\n' "$name"
    fi
  done
}

# install_packages NAME...: does and says nothing when all are there.
install_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1; then
    say "this is not a Debian system: needed are the equivalents of ${*%%:*}"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  if ((EUID != 0)); then
    command -v sudo >/dev/null 2>&1 ||
      die "packages are missing; as root, run: apt-get install ${missing[*]}"
    apt=(sudo "${apt[@]}")
    [[ -t 0 ]] && sudo -v  # asks for the password here, not inside the log
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  quietly "apt-get update" "${apt[@]}" update
  quietly "apt-get install" "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

# As many compilers as processors, but 1 GB of memory each.
build_jobs() {
  local processors memory_gb
  processors=$(nproc)
  memory_gb=$(awk '/^MemTotal:/ { print int($2 / 1000000) }' /proc/meminfo)
  ((memory_gb < 1)) && memory_gb=1
  echo $((processors < memory_gb ? processors : memory_gb))
}

# build PRESET TARGET [OPTION...]: builds TARGET in build/PRESET, configured with more cmake options if there are any.
build() {
  local preset=$1 target=$2
  local options=("${@:3}") folder="$chasm_root/build/$preset" lock
  chasm_log="$folder/build.log"
  mkdir -p "$folder"
  exec {lock}>"$folder/.lock"  # two builds of one folder at a time would spoil it
  flock "$lock"
  if [[ ! -f $folder/build.ninja || ${#options[@]} -gt 0 ]]; then
    quietly "configuring build/$preset" cmake -S "$chasm_root" --preset "$preset" "${options[@]}"
  fi
  quietly "building build/$preset (the first time takes some minutes)" \
    cmake --build "$folder" --target "$target" --parallel "$(build_jobs)"
  exec {lock}>&-
}
