"""The functions: what a request costs beside its table, how soon a new one can be asked, its size and its memory.

Prints each line of the table as JSON, for `make bench`.
"""

import dataclasses
import http.server
import io
import json
import os
import pathlib
import statistics
import subprocess
import threading
import time
import zipfile

from line import Line

ROOT = pathlib.Path(__file__).resolve().parent.parent
# A warm, authorised request may take this beyond the table's own time.
REQUEST_MS = 2
# From its start until it asks for its first event.
FIRST_POLL_MS = 50
# As Lambda is sent it.
ZIP_MB = 5
# A quarter of what it is given: the rest is for bodies and answers.
MEMORY_MB = 64
STARTS = 20
# Everything that the crew API must be told; nothing is asked of AWS before the first event.
SETTINGS = {
    **{f"{name}_TABLE": name.lower() for name in
       ["EVENTS", "ROLES", "WAIVERS", "CHECKLISTS", "AUDIT", "REQUESTS", "NUDGES", "PEOPLE", "LINKS", "LIMITS"]},
    "MEDICAL_SECRET": "/bench/medical",
    "REPORTS_BUCKET": "bench-reports",
    "LINK_SECRET": "/bench/links",
    "SITE_URL_PARAM": "/bench/url",
    "MAIL_FROM": "crew@example.com",
    "ADMIN_EMAIL": "admin@example.com",
    "JWT_RING": "/bench/jwt",
    "ORIGIN_AUTH": "iam",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "1",
    "AWS_REGION": "us-west-2",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
}


def lines():
    programs = built("--release", "--bin", "crew-api", "--example", "bench")
    yield from handler(programs["bench"])
    binary = programs["crew-api"]
    yield from start(binary)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(binary, "bootstrap")
    yield Line("crew-api: zip", len(packed.getvalue()) / 1e6, "MB", ZIP_MB)


def handler(bench):
    """Requests through every layer in one process, on tables in memory."""
    told = subprocess.run([bench], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for each in map(json.loads, told.splitlines()):
        for name in ["p50", "p99"]:
            yield Line(f"{each['request']}: {name}", each[f"{name}_us"] / 1e3, "ms", REQUEST_MS)


def start(binary):
    """A new process until it asks for an event, and its memory once it has answered some."""
    polls, peaks = [], []
    for _ in range(STARTS):
        poll, peak = Runtime(events=50).start(binary)
        polls.append(poll * 1e3)
        peaks.append(peak / 1e3)
    yield Line("crew-api: start to first poll: p50", statistics.median(polls), "ms", FIRST_POLL_MS)
    yield Line("crew-api: start to first poll: worst", max(polls), "ms", FIRST_POLL_MS)
    yield Line("crew-api: memory after 50 requests", max(peaks), "MB", MEMORY_MB)


class Runtime:
    """Lambda's runtime API, as far as one process needs it: events to fetch, answers to take."""

    def __init__(self, events):
        self.left = events
        self.first = threading.Event()
        self.done = threading.Event()
        runtime = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if not runtime.first.is_set():
                    runtime.polled = time.perf_counter()
                    runtime.first.set()
                if runtime.left == 0:
                    # There is no further event: the process is ended while it waits.
                    runtime.done.set()
                    threading.Event().wait(60)
                    return
                runtime.left -= 1
                self.answer(200, json.dumps(EVENT).encode(), {
                    "Lambda-Runtime-Aws-Request-Id": str(runtime.left),
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 10) * 1e3)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-west-2:111122223333:function:bench",
                })

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if not self.path.endswith("/response") or json.loads(body)["statusCode"] != 200:
                    runtime.fault = f"{self.path}: {body.decode()}"
                self.answer(202, b"", {})

            def answer(self, status, body, headers):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.fault = None
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def start(self, binary):
        """Seconds until the first poll, and the peak of memory in kilobytes."""
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        environment = {**SETTINGS, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}"}
        began = time.perf_counter()
        process = subprocess.Popen([binary], env=environment, stdout=subprocess.DEVNULL)
        try:
            if not self.done.wait(timeout=60):
                raise SystemExit(f"{binary} did not answer in a minute; its exit code is {process.poll()}")
            if self.fault:
                raise SystemExit(self.fault)
            return self.polled - began, peak_kb(process.pid)
        finally:
            process.kill()
            process.wait()
            self.server.shutdown()


# A signed request for a day of the sun: through every layer, and nothing of it is AWS's.
EVENT = {
    "version": "2.0", "routeKey": "$default", "rawPath": "/api/sun", "rawQueryString": "date=2026-06-21",
    "headers": {"host": "bench"}, "isBase64Encoded": False,
    "requestContext": {
        "accountId": "111122223333", "apiId": "bench", "domainName": "bench", "domainPrefix": "bench",
        "authorizer": {"iam": {"accessKey": "bench", "accountId": "111122223333", "callerId": "bench",
                               "userArn": "arn:aws:sts::111122223333:assumed-role/bench", "userId": "bench"}},
        "http": {"method": "GET", "path": "/api/sun", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9",
                 "userAgent": "bench"},
        "requestId": "bench", "routeKey": "$default", "stage": "$default", "time": "21/Nov/2026:08:00:00 +0000",
        "timeEpoch": 1795248000000,
    },
}


def peak_kb(pid):
    """Linux tells the peak; elsewhere what is used now has to do."""
    status = pathlib.Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1])
    return int(subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout)


def built(*arguments):
    """The programs that cargo built, by name."""
    command = ["cargo", "build", "--locked", "--workspace", "--message-format=json", *arguments]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, env=os.environ).stdout
    messages = (json.loads(line) for line in told.splitlines() if line.startswith("{"))
    return {each["target"]["name"]: each["executable"] for each in messages if each.get("executable")}


if __name__ == "__main__":
    for each in lines():
        print(json.dumps(dataclasses.asdict(each)), flush=True)
