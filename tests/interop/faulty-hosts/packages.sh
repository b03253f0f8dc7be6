# shellcheck shell=bash
# Programs of Debian packages, unpacked into a folder and never installed, so that no service is
# started. To be sourced.
# shellcheck disable=SC2034 # What is set here is for the suites.

PACKAGES=${CARGO_TARGET_DIR:-target}/faulty-hosts
[[ $PACKAGES == /* ]] || PACKAGES=$PWD/$PACKAGES

# The programs, and the libraries that a small system may lack.
DEBS=(
    nginx libssl3
    nftables libnftables1 libnftnl11 libxtables12 libmnl0 libjansson4 libgmp10 libedit2 libbsd0 libmd0
)

# Makes the programs ready. Returns 1 where that is not possible, with the reason in WHY_NOT; ends
# the suite where it should have been.
unpack_packages() {
    if [[ -d $PACKAGES ]]; then
        return
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        WHY_NOT="this is not Debian"
    elif ((UID != 0)); then
        WHY_NOT="not root"
    else
        download_packages
        return
    fi
    return 1
}

download_packages() {
    local folder=$PACKAGES.new log=$WORK/apt
    rm -rf "$folder"
    mkdir -p "$folder/deb"
    if ! download "$folder/deb" >"$log" 2>&1 &&
        ! { apt-get update && download "$folder/deb"; } >"$log" 2>&1; then
        echo "The packages cannot be downloaded:" >&2
        cat "$log" >&2
        exit 1
    fi
    unpack "$folder"
    mv "$folder" "$PACKAGES"
}

# download FOLDER: into it.
download() (
    cd "$1" || exit
    apt-get download "${DEBS[@]}"
)

# unpack FOLDER: what was downloaded.
unpack() {
    local package
    for package in "$1"/deb/*.deb; do
        dpkg-deb -x "$package" "$1"
    done
    rm -r "$1/deb"
}

# packaged PROGRAM: sets PACKAGED to the words that run it.
packaged() {
    local libraries=("$PACKAGES"/{usr/,}lib/*-linux-gnu)
    local path
    path=$(printf '%s:' "${libraries[@]}")
    PACKAGED=(env LD_LIBRARY_PATH="${path%:}" "$PACKAGES/usr/sbin/$1")
}
