#!/bin/bash
# A fake machine: all that it has is an agent, which says hello, reports a desktop whose services are ready, and waits for signals
# as long as it lives. bash speaks TCP by itself, so a machine is one process of a few MiB, there in milliseconds.
#
#   agent.sh GATEWAY PORT MACHINE_ID PROTOCOL TOKEN_FILE SECRET_FILE
#
# A controller that is away, or is another one by now, is asked again. `refused` on the console is for a test to look at.
gateway=$1 port=$2 machine=$3 protocol=$4 token_file=$5 secret_file=$6
vnc=vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
ready='"state":"ready","sinceMs":5,"restarts":0}'
status_body="{\"services\":[{\"name\":\"xorg\",$ready,{\"name\":\"session\",$ready,{\"name\":\"x11vnc\",$ready,{\"name\":\"websockify\",$ready,{\"name\":\"agent\",$ready],\"marks\":{\"agent\":5},\"peers\":[]}"

# request METHOD PATH TOKEN BODY: sets `code` (000 when nobody answered) and `reply`.
request() {
  code=000 reply=
  {
    printf '%s %s HTTP/1.1\r\nhost: oriel\r\nconnection: close\r\nauthorization: Bearer %s\r\n' "$1" "$2" "$3" >&3
    [ -z "$4" ] || printf 'content-type: application/json\r\ncontent-length: %s\r\n' "${#4}" >&3
    printf '\r\n%s' "$4" >&3
    read -r -t 40 _ code _ <&3 || code=000
    while read -r -t 40 line <&3 && [ "$line" != $'\r' ]; do :; done
    IFS= read -r -d '' -t 40 reply <&3
  } 2>/dev/null 3<>"/dev/tcp/$gateway/$port"
  code=${code:-000}
}

read -r token <"$token_file"
echo "agent: $machine is up"
until [ "$code" = 200 ]; do
  request POST /guest/hello "$token" "{\"protocol\":$protocol,\"machineId\":\"$machine\",\"vncSecret\":\"$vnc\"}"
  case $code in
    200) ;;
    401) echo "agent: hello refused: $reply" && sleep 1 ;;
    *) sleep 0.2 ;;
  esac
done
secret=${reply#*\"secret\":\"}
secret=${secret%%\"*}
printf '%s\n' "$secret" >"$secret_file"
echo 'agent: hello'

tell() {
  code=000
  until [ "$code" = 204 ]; do
    request POST /guest/status "$secret" "$status_body"
    [ "$code" = 204 ] || sleep 0.2
  done
}
tell
echo 'agent: ready'

cursor=0
while :; do
  request GET "/guest/signals?after=$cursor&wait=20" "$secret" ''
  case $code in
    200) next=${reply#*\"cursor\":} && cursor=${next%%[!0-9]*} ;;
    401) echo "agent: secret refused: $reply" && sleep 1 ;;
    # Whoever is there next knows nothing of what the one before was told.
    *) sleep 0.2 && tell ;;
  esac
done
