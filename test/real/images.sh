#!/bin/bash
# Builds the example's image, as test/real uses it, and brings it to the cluster.
#   test/real/images.sh kind [NAME]    docker build, kind load (KIND_CLUSTER names the cluster)
#   test/real/images.sh rig  [NAME]    the rig's builder (RIG names its folder); it has no way out, so pip fetches the wheels here
# NAME (default api-forge-app) gets four tags: 1.0.0 and 2.0.0, `broken` that exits at once, `slow` that takes 20 s to serve.
# your-own-app.test.ts gets an image that insists on root and, on the rig, stand-ins for the public images that its page names.
set -euo pipefail
where=${1:?kind or rig} name=${2:-api-forge-app}
example=$(cd "$(dirname "$0")/../../examples/api-forge" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -R "$example"/{Dockerfile,.dockerignore,requirements.txt,src,infra} "$work"
rm -rf "$work/infra/secrets"

case $where in
kind)
  build() { docker build --quiet --tag "$1" --file "$2" "$3" && kind load docker-image ${KIND_CLUSTER:+--name "$KIND_CLUSTER"} "$1"; }
  ;;
rig)
  build() { "${RIG:?the folder of the rig}/images/from-dockerfile.sh" "$@"; }
  # The rig's Python is 3.11.2, for which redis wants one package more; pip asks the Python that runs it, so it is named.
  python3 -m pip download --quiet --only-binary=:all: --python-version 3.11 --implementation cp \
    --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 \
    --dest "$work/wheels" --requirement "$work/requirements.txt" 'async-timeout==5.*'
  ;;
*) echo "images.sh: kind or rig, not $where" >&2 && exit 2 ;;
esac

# variant TAG LINE...: 1.0.0 with a few more lines
variant() {
  local folder="$work/variants/$1"
  mkdir -p "$folder"
  { echo "FROM $name:1.0.0" && echo 'USER root' && printf '%s\n' "${@:2}" && echo 'USER 1001:1001'; } >"$folder/Dockerfile"
  build "$name:$1" "$folder/Dockerfile" "$folder"
}

broken='import sys; print("fatal: cannot load configuration", file=sys.stderr); sys.exit(1)'
slow='import time; time.sleep(20); from src import served; served.main()'
build "$name:1.0.0" "$work/Dockerfile" "$work"
variant 2.0.0 'ENV APP_VERSION=2.0.0'
variant broken "RUN echo '$broken' | tee src/main.py >src/worker/main.py"
variant slow "RUN mv src/main.py src/served.py && echo '$slow' >src/main.py"

# own TAG LINE...: an image of these lines
own() {
  local folder="$work/own/${1//[\/:]/_}"
  mkdir -p "$folder"
  printf '%s\n' "${@:2}" >"$folder/Dockerfile"
  build "$1" "$folder/Dockerfile" "$folder"
}

own forge-test-root:1 'FROM busybox:1.36' 'RUN mkdir -p /srv/state && chmod 700 /srv/state' \
  'CMD ["sh", "-c", "touch /srv/state/pid && exec nc -lk -p 8080"]'
if [ "$where" = rig ]; then
  own nginxinc/nginx-unprivileged:1.29-alpine 'FROM python:3.11-slim' 'RUN mkdir /www && echo Welcome >/www/index.html' \
    'USER 101' 'CMD ["python3", "-m", "http.server", "8080", "--directory", "/www"]'
  own postgres:16 'FROM postgres:15'
  own busybox:1.37 'FROM busybox:1.36'
fi
