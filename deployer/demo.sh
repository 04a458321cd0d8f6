#!/usr/bin/env bash
# The demo: both stacks on a local AWS of this folder.
#   demo.sh build   builds the deployer           demo.sh down   takes it all away
#   demo.sh up      ships and seeds everything    demo.sh test   looks at it in a browser, then takes it away
#                                                                unless it was there before
# A second `up` changes nothing. Everything is in .deployer/ of this folder; other clones are not touched.
set -euo pipefail
cd "$(dirname "$0")/.."

deployer=.deployer/bin/deployer
stack=shipcaptaincrew

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
[ -t 2 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '%s\n' "$*" >&2; }

build() {
  need cargo "install Rust: https://rustup.rs"
  need python3 "install Python 3.11 or newer, with its venv module"
  say "building the deployer and the demo's data (minutes the first time, a second after that)"
  # All of the workspace in one go, as the deployer builds functions: nothing is compiled in two ways.
  cargo build --locked --workspace --bin deployer --example seed
  target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
  # A name of this folder's own: clones may share a target directory, and a running daemon keeps its file.
  (umask 077 && mkdir -p .deployer/bin)
  for file in "$target/debug/deployer" "$target/debug/examples/seed"; do
    ln -f "$file" .deployer/bin/ 2>/dev/null || { cp "$file" ".deployer/bin/part" && mv ".deployer/bin/part" ".deployer/bin/${file##*/}"; }
  done
}

need() {
  command -v "$1" >/dev/null || {
    say "$1 is missing: $2"
    exit 1
  }
}

output() { "$deployer" outputs -s "$stack" -e local "$1"; }

up() {
  need npm "install Node 20.19 or newer"
  build
  say "shipping both stacks to the local AWS"
  "$deployer" up --all -e local -y
  say "seeding a season"
  (
    eval "$("$deployer" local env)"
    for table in events roles waivers checklists audit requests nudges people; do
      export "$(printf %s "$table" | tr '[:lower:]' '[:upper:]')_TABLE=$(output "$table")"
    done
    MEDICAL_SECRET=$(output medical) .deployer/bin/seed >&2
  )
}

# Asks for a link as a person of that address would, and reads it in the captured mail.
link() {
  python3 - "$deployer" "$(output url)" "$1" <<'PYTHON'
import http.client, json, subprocess, sys, time, urllib.parse

deployer, url, address = sys.argv[1:]

def mail(*arguments):
    lines = subprocess.run([deployer, "local", "mail", *arguments, "--json"], capture_output=True, text=True).stdout
    return [each for each in map(json.loads, lines.splitlines()) if each.get("type") == "mail"]

def newest():
    return max((each["number"] for each in mail() if each["to"] == [address]), default=0)

before = newest()
site = urllib.parse.urlsplit(url)
door = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
headers = {"Host": site.netloc, "Content-Type": "application/json"}
door.request("POST", "/api/auth/links", json.dumps({"email": address}), headers)
if door.getresponse().status != 202:
    sys.exit("asked too often: take the link of an earlier mail")
for _ in range(100):
    number = newest()
    if number > before:
        text = mail(str(number))[0]["text"]
        print(next(word for word in text.split() if "#token=" in word))
        break
    time.sleep(0.1)
else:
    sys.exit("no mail came")
PYTHON
}

tell() {
  local url mail admin captain crew
  url=$(output url)
  mail=$("$deployer" local status --json | python3 -c 'import json, sys; print(next(each["mail"] for each in map(json.loads, sys.stdin) if "mail" in each))')
  admin=$(link admin@queenofsandiego.com 2>&1) || true
  captain=$(link cleo@crew.example.com 2>&1) || true
  crew=$(link otto@crew.example.com 2>&1) || true
  cat <<TEXT

  the site        ${url%/}/
  the API         ${url%/}/api/sails
  captured mail   ${mail%/}/
  administrator   $admin
  a captain       $captain
  one of the crew $crew

Worth trying next:

  $deployer plan --all -e local
      nothing to do; then change something in stacks/, functions/ or site/ and look again
  $deployer invoke function.report-mailer -s exec-reports -e local
      makes a report and mails it: read it in the captured mail
  $deployer status -s $stack -e local
      what is up, and whether it is as the stack file says

make demo-down takes it all away.
TEXT
}

down() {
  # The local AWS remembers its ports until all that it holds is gone.
  if [ ! -x "$deployer" ] || [ ! -e .deployer/local/ports.json ]; then
    say "there is no demo in this folder"
    return
  fi
  # A deployer that was built before the stack files changed cannot read them: then the local AWS goes with all it holds.
  "$deployer" down --all -e local -y || say "the stacks are left to the local AWS, which is taken away now"
  "$deployer" local down --purge
}

is_up() { [ -x "$deployer" ] && "$deployer" local status --json | grep -q '"running":true'; }

in_browser() {
  local before=no
  if is_up; then before=yes; fi
  up
  [ $before = yes ] || trap down EXIT
  say "the demo in a browser"
  # What `make demo` tells goes to the tests as it is: they press its links. It is in no file.
  (cd site && SITE_URL=$(cd .. && output url) DEMO_TOLD=$(cd .. && tell) npm run e2e:demo)
}

case ${1:-} in
  build) build ;;
  up)
    up
    tell
    ;;
  down) down ;;
  test) in_browser ;;
  *)
    echo "usage: demo.sh build|up|down|test" >&2
    exit 3
    ;;
esac
