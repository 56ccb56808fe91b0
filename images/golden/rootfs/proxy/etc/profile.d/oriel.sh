# What init learned at boot (the proxy first of all), for every shell however it was started.
if [ -r /etc/environment ]; then
  set -a
  . /etc/environment
  set +a
fi
# Where npm and others put what a user installs.
case ":$PATH:" in
  *":$HOME/.local/bin:"*) ;;
  *) PATH="$HOME/.local/bin:$PATH" ;;
esac
