#!/usr/bin/env bash
# The example servers, unchanged, with an issuer whose host is real and faulty: nginx, a host that
# goes wrong below HTTP, and a network that loses packets:
#
#   tests/interop/faulty_hosts.sh [SERVER...]
#
# SERVER is the path of a built `orders_axum`, `orders_actix` or `orders_tower`; without one, those
# that are found in the target folder. Needs node, curl, python3, and, for nginx and for packet loss, Debian as
# root: their packages are unpacked into the target folder. What cannot be had is skipped, and that
# is said.
#
# Each server starts before its issuer, whose host fails; then the host recovers; then it fails
# again, while the server has keys.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/interop/harness.sh
. tests/interop/harness.sh
# shellcheck source=tests/interop/faulty-hosts/phases.sh
. tests/interop/faulty-hosts/phases.sh
# shellcheck source=tests/interop/faulty-hosts/packages.sh
. tests/interop/faulty-hosts/packages.sh

FOLDER=tests/interop/faulty-hosts

# Of one document, or of all of them together.
LATE="no complete answer in time|took too long to answer"

# What is wrong with the hosts of each kind, and what the log says of it.
declare -A NGINX_FAULTS=(
    [refused]="no connection"
    [reset]="the answer could not be read|no connection"
    [missing]="answered with status 404"
    [status]="answered with status 500"
    [redirect]="answered with status 302 \(redirects are not followed\)"
    [slow]="$LATE"
    [html]="is not issuer metadata"
    [half]="is not issuer metadata"
    [huge]="longer than 512 KiB"
    [zipped-unasked]="not UTF-8"
)
declare -A RAW_FAULTS=(
    [silent]="$LATE"
    [drip]="$LATE"
    [cut]="the answer could not be read"
)

# The ports of the hosts that there are, by fault.
declare -A NGINX_PORTS=() RAW_PORTS=()
# The issuers' documents, and tokens, by fault.
HOSTS=$WORK/hosts

main() {
    servers "$@"
    prepare_nginx
    prepare_raw_hosts
    begin_packet_loss
    hosts_become faulty
    begin_servers
    check_without_keys
    check_logs
    hosts_become well
    check_well_hosts
    check_recovery
    hosts_become faulty
    check_outage
    end_packet_loss
    close
}

prepare_nginx() {
    local fault
    if ! unpack_packages; then
        skip nginx "$WHY_NOT"
        return
    fi
    for fault in "${!NGINX_FAULTS[@]}"; do
        new_port
        NGINX_PORTS[$fault]=$PORT
        make_documents "$fault"
    done
}

prepare_raw_hosts() {
    local fault arguments=()
    for fault in "${!RAW_FAULTS[@]}"; do
        new_port
        RAW_PORTS[$fault]=$PORT
        make_documents "$fault"
        arguments+=("$fault=$PORT")
    done
    start "$WORK/raw" python3 "$FOLDER/raw_hosts.py" "$HOSTS" "${arguments[@]}"
    await "$PID" grep -q listening "$WORK/raw"
}

# make_documents FAULT: those of the issuer whose host has this fault and the port PORT.
make_documents() {
    node "$FOLDER/issuer.mjs" "$HOSTS" "$1=$PORT"
}

# Sets PORT to one that is kept for a host.
new_port() {
    PORT=$(free_port)
    RESERVED+=("$PORT")
}

# hosts_become faulty|well: all of them; returns when they are.
hosts_become() {
    local fault
    if ((${#NGINX_PORTS[@]} > 0)); then
        nginx_becomes "$1"
    fi
    for fault in "${!RAW_PORTS[@]}"; do
        rm -f "$HOSTS/$fault/fault"
        if [[ $1 == faulty ]]; then
            echo "$fault" >"$HOSTS/$fault/fault"
        fi
    done
}

# nginx_becomes faulty|well: starts anew, so that nothing of the other configuration is left.
nginx_becomes() {
    local log=$WORK/nginx.log
    if [[ -n ${NGINX:-} ]]; then
        stop "$NGINX"
    fi
    configuration "$1" >"$WORK/nginx.conf"
    packaged nginx
    start "$log" "${PACKAGED[@]}" -p "$WORK" -c nginx.conf -e stderr
    NGINX=$PID
    if ! await "$NGINX" curl -s -o "$WORK/status" "http://127.0.0.1:${NGINX_PORTS[status]}/"; then
        echo "nginx does not start:" >&2
        cat "$log.err" >&2
        exit 1
    fi
}

# configuration faulty|well: prints that of nginx.
configuration() {
    local fault
    cat <<END
daemon off;
pid nginx.pid;
worker_processes 1;
error_log stderr;
events {}
END
    # Who may read the folder.
    if ((UID == 0)); then
        echo "user root;"
    fi
    cat <<END
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    default_type application/json;
END
    for fault in "${!NGINX_PORTS[@]}"; do
        # Nobody listens there.
        if [[ $1-$fault != faulty-refused ]]; then
            cat <<END
    server {
        listen 127.0.0.1:${NGINX_PORTS[$fault]};
        $("rules_$1" "$fault" "$HOSTS/$fault")
    }
END
        fi
    done
    echo "}"
}

# rules_faulty FAULT FOLDER: prints what makes a server of nginx fail so.
rules_faulty() {
    case $1 in
        reset) echo "reset_timedout_connection on; return 444;" ;;
        missing) echo "return 404;" ;;
        status) echo "return 500;" ;;
        # To where the documents are, so that who follows gets them.
        redirect)
            echo "location / { return 302 /moved\$uri; }"
            echo "location /moved/ { alias $2/well/; }"
            ;;
        slow) echo "root $2/well; limit_rate 40;" ;;
        html) echo "default_type text/html; return 200 '<html><title>Maintenance</title></html>';" ;;
        half) echo "root $2/half;" ;;
        huge) echo "root $2/huge;" ;;
        # Its ETag is made of time and length, and must not happen to be that of the document.
        zipped-unasked) echo "root $2/gzip; gzip_static always; etag off;" ;;
    esac
}

# rules_well FAULT FOLDER: prints what makes it well; two are so in a way of their own, which looks
# like a fault and is none.
rules_well() {
    echo "root $2/well;"
    case $1 in
        missing) echo "limit_rate 200;" ;;
        refused) echo "gzip on; gzip_types *; gzip_min_length 1;" ;;
    esac
}

# check_well_hosts: those two do what they are to do.
check_well_hosts() {
    local seconds encoding
    if ((${#NGINX_PORTS[@]} == 0)); then
        return
    fi
    seconds=$(curl -s --max-time 10 -o "$WORK/keys" -w '%{time_total}' \
        "http://127.0.0.1:${NGINX_PORTS[missing]}/keys")
    check "nginx takes its time for a document" "a second" yes \
        "$( ((${seconds%.*} >= 1)) && echo yes || echo "no, $seconds s")"
    encoding=$(curl -s --max-time 10 -o "$WORK/keys" -D - -H "Accept-Encoding: gzip" \
        "http://127.0.0.1:${NGINX_PORTS[refused]}/keys" | sed -n 's/^content-encoding: *//Ip')
    check "nginx compresses a document for those who can read it" Content-Encoding gzip \
        "${encoding%$'\r'}"
}

# Starts each server for each host.
begin_servers() {
    local server fault
    for server in "${SERVERS[@]}"; do
        for fault in "${!NGINX_PORTS[@]}"; do
            begin "$(name "$server" nginx "$fault")" "$server" "${NGINX_PORTS[$fault]}" "$HOSTS/$fault"
        done
        for fault in "${!RAW_PORTS[@]}"; do
            begin "$(name "$server" raw "$fault")" "$server" "${RAW_PORTS[$fault]}" "$HOSTS/$fault"
        done
    done
}

# name SERVER nginx|raw FAULT: prints what it is called.
name() {
    local ways=""
    case $2-$3 in
        nginx-missing) ways=", then leisurely" ;;
        nginx-refused) ways=", then able to compress" ;;
    esac
    echo "$(basename "$1"), $2 host $3$ways"
}

# check_logs: each server has told why there are no keys.
check_logs() {
    local server fault
    for server in "${SERVERS[@]}"; do
        for fault in "${!NGINX_PORTS[@]}"; do
            check_log "$(name "$server" nginx "$fault")" "${NGINX_FAULTS[$fault]}"
        done
        for fault in "${!RAW_PORTS[@]}"; do
            check_log "$(name "$server" raw "$fault")" "${RAW_FAULTS[$fault]}"
        done
    done
}

# In the background, beside the rest. Sets LOSS to the process, unless it is skipped.
begin_packet_loss() {
    local namespace=()
    LOSS=""
    if unshare -n true 2>"$WORK/unshare"; then
        namespace=(unshare -n)
    elif unshare -rn true 2>"$WORK/unshare"; then
        namespace=(unshare -rn)
    fi
    if ! unpack_packages; then
        skip "packet loss" "$WHY_NOT"
    elif ((${#namespace[@]} == 0)); then
        skip "packet loss" "no network namespace can be made: $(<"$WORK/unshare")"
    else
        start "$WORK/loss" "${namespace[@]}" "$FOLDER/packet_loss.sh" \
            "$(readlink /proc/self/ns/net)" "${SERVERS[@]}"
        LOSS=$PID
    fi
}

# Waits for it, and tells what it has told.
end_packet_loss() {
    local status=0
    if [[ -n $LOSS ]]; then
        wait "$LOSS" || status=$?
        stop "$LOSS"
        cat "$WORK/loss" "$WORK/loss.err"
        if ((status != SKIPPED)); then
            check "packet loss: all of the above" status 0 "$status"
        fi
    fi
}

main "$@"
