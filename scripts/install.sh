# Sourced by the other scripts: checks for Swift and installs Debian packages that are missing.

# Ends with a message unless a Swift 6.1 or later toolchain is on the PATH.
require_swift() {
    if ! command -v swift >/dev/null; then
        echo "kmemtop needs a Swift 6.1 or later toolchain; there is no swift on the PATH (see https://swift.org/install)" >&2
        exit 2
    fi
    local version
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
    if [ "$(printf '%s\n6.1\n' "$version" | sort -V | head -n 1)" != 6.1 ]; then
        echo "kmemtop needs Swift 6.1 or later; the swift on the PATH is ${version:-of an unknown version}" >&2
        exit 2
    fi
}

# require FILE=PACKAGE…: installs the packages whose file is not there.
require() {
    local missing=() item as_root=()
    for item in "$@"; do
        [ -e "${item%%=*}" ] || missing+=("${item#*=}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "kmemtop needs these packages (Debian's names), and there is no apt-get to install them: ${missing[*]}" >&2
        exit 2
    fi
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2
}
