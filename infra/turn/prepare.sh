# Before coturn begins, and again when its certificate or its secrets have changed: prepare.sh RUN REALM CERTIFICATE KEY SECRETS
# What coturn may read of them is in RUN, which goes with it. Secrets are in nobody's words of a command.
set -eu
umask 077
run=$1 realm=$2 certificate=$3 key=$4 secrets=$5

is_secret='[A-Za-z0-9+/=_-]{32,128}'
grep -Eqx "$is_secret" "$secrets" || { echo "$secrets: there is no line of 32 to 128 letters, digits and + / = _ - in it" >&2; exit 1; }
openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null || { echo "$certificate: no certificate that is good today" >&2; exit 1; }
test "$(openssl x509 -in "$certificate" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" || { echo "$key: not the key of $certificate" >&2; exit 1; }

install -m 400 -o turnserver -g turnserver "$certificate" "$run/certificate.pem.new"
install -m 400 -o turnserver -g turnserver "$key" "$run/key.pem.new"
mv "$run/certificate.pem.new" "$run/certificate.pem"
mv "$run/key.pem.new" "$run/key.pem"
test -e "$run/turndb" || sqlite3 "$run/turndb" </usr/share/coturn/schema.sql
{
  echo 'begin immediate; delete from turn_secret;'
  grep -Ex "$is_secret" "$secrets" | sed "s|.*|insert into turn_secret values ('$realm', '&');|"
  echo 'commit;'
} | sqlite3 -bail -cmd '.timeout 5000' "$run/turndb"
chown turnserver:turnserver "$run/turndb"
