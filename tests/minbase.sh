#!/usr/bin/env bash
# Proves the two commands where there is nothing: a fresh minimal Debian tree with python3, python3-pip and
# ca-certificates only. Run by hand and before releases, as root, with debootstrap and git installed.
#
#   tests/minbase.sh [--worktree] [--keep] [plain] [venv]
#
# plain: without python3-venv; venv: with it; both by default. --worktree takes the files as they lie in the working
# tree instead of the last commit. --keep leaves the trees behind. In each tree `run.py demo` is the first command and
# `run.py test` the second; then `run.py test` is the first one in a copy without anything installed. Log: stdout.
#
# Mirror, pip settings, certificates and name servers are taken from this machine's own configuration.
set -euo pipefail

SUITE=bookworm
repository=$(cd "$(dirname "$0")/.." && pwd)
source=commit keep=no kinds=()
for argument in "$@"; do
    case $argument in
        --worktree) source=worktree ;;
        --keep) keep=yes ;;
        plain | venv) kinds+=("$argument") ;;
        *) echo "minbase.sh: unknown argument '$argument'; there are --worktree, --keep, plain and venv." >&2; exit 2 ;;
    esac
done
[ ${#kinds[@]} -gt 0 ] || kinds=(plain venv)
[ "$(id -u)" = 0 ] || { echo "minbase.sh: needs root, for debootstrap and chroot." >&2; exit 1; }
for program in debootstrap git chroot; do
    command -v "$program" >/dev/null || { echo "minbase.sh: $program is missing: apt-get install $program" >&2; exit 1; }
done
# shellcheck disable=SC2016 # apt's own placeholders, not the shell's
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite=$SUITE '$1 == suite { print $2; exit }')
[ -n "$mirror" ] || { echo "minbase.sh: apt knows no mirror of $SUITE; add one to its sources and update." >&2; exit 1; }

work=$(mktemp -d)
# Programs that a failed run left inside a tree would keep it busy: a lazy unmount lets go of it anyway.
unmount() { awk -v work="$work/" 'index($2, work) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l; }
finish() {
    unmount
    if [ "$keep" = yes ]; then echo "trees kept in $work"; else rm -rf --one-file-system "$work"; fi
}
trap finish EXIT

# What the user of this machine would have set, for pip, uv, proxies and certificates.
settings=()
while IFS= read -r -d '' pair; do
    [[ $pair =~ ^(PIP_|UV_INDEX|UV_DEFAULT_INDEX|UV_EXTRA_INDEX|UV_FIND_LINKS|SSL_CERT|REQUESTS_CA_BUNDLE|(https?|no|all)_proxy=|(HTTPS?|NO|ALL)_PROXY=) ]] &&
        settings+=("$pair")
done < <(env -0)

mount_read_only() { # a folder of this machine, at the same place inside the tree
    mkdir -p "$2$1"
    mount --bind -o ro "$1" "$2$1"
}

prepare() { # tree, packages
    debootstrap --variant=minbase --include="$2" $SUITE "$1" "$mirror" >"$1.log" 2>&1 ||
        { tail -5 "$1.log" >&2; echo "minbase.sh: debootstrap failed." >&2; exit 1; }
    mount -t proc proc "$1/proc"
    # A tree has no terminals and no shared memory of its own; every machine has.
    mkdir -p "$1/dev/pts" "$1/dev/shm"
    mount -t tmpfs -o mode=1777 shm "$1/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
    ln -sf pts/ptmx "$1/dev/ptmx"
    cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
    cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    rm -rf "$1/etc/apt/sources.list" && cp -rL /etc/apt/sources.list* "$1/etc/apt/"
    [ ! -e /etc/pip.conf ] || cp -L /etc/pip.conf "$1/etc/"
    local file
    for file in .pip/pip.conf .config/pip/pip.conf .config/uv/uv.toml; do # the user's own
        [ ! -e "$HOME/$file" ] || install -D -m 600 "$HOME/$file" "$1/root/$file"
    done
    # Local folders that pip is told to look in must be there too.
    local path
    while read -r path; do
        [ ! -d "$path" ] || mountpoint -q "$1$path" || mount_read_only "$path" "$1"
    done < <(python3 -m pip config list 2>/dev/null | grep -oE '/[A-Za-z0-9_./-]+')
}

copy() { # tree
    mkdir "$1/fw"
    if [ $source = commit ]; then
        git -C "$repository" archive HEAD | tar -x -C "$1/fw"
    else
        git -C "$repository" ls-files -z --cached --others --exclude-standard |
            tar -C "$repository" --null --no-recursion --ignore-failed-read -T - -c | tar -x -C "$1/fw"
    fi
}

inside() { # tree, command
    chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        ${settings[@]+"${settings[@]}"} /bin/sh -c "cd /fw && exec $2"
}

failures=0
measure() { # tree, label, command
    local started code=0
    started=$(date +%s.%N)
    echo "--- $2: $3"
    inside "$1" "$3" || code=$?
    printf -- '--- %s: %s: exit code %s in %.1f s\n' "$2" "$3" "$code" "$(echo "$(date +%s.%N) $started" | awk '{ print $1 - $2 }')"
    [ "$code" = 0 ] || failures=$((failures + 1))
}

for kind in "${kinds[@]}"; do
    packages=python3,python3-pip,ca-certificates
    [ "$kind" = plain ] || packages+=,python3-venv
    tree=$work/$kind
    echo "=== $kind: $SUITE with $packages"
    prepare "$tree" "$packages"
    copy "$tree"
    measure "$tree" "$kind, nothing there" "python3 run.py demo"
    measure "$tree" "$kind, after demo" "python3 run.py test -q"
    measure "$tree" "$kind, again" "python3 run.py demo"
    # As the first command: no private environment, no packages, no caches.
    rm -rf "$tree/fw" "$tree/root/.cache" "$tree/root/.local"
    copy "$tree"
    measure "$tree" "$kind, nothing there" "python3 run.py test -q"
done
echo "=== $failures failed"
[ $failures = 0 ]
