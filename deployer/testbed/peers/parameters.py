"""A thousand parameters by boto's core with 16 threads: `parameters.py first|unchanged COUNT`."""

import sys
from concurrent.futures import ThreadPoolExecutor

from botocore.config import Config
from botocore.session import Session

step, count = sys.argv[1], int(sys.argv[2])
ssm = Session().create_client("ssm", config=Config(max_pool_connections=16))
names = [f"/bench/p{number}" for number in range(1, count + 1)]


def put(name):
    ssm.put_parameter(Name=name, Type="String", Value="1")


def get(at):
    assert not ssm.get_parameters(Names=names[at : at + 10])["InvalidParameters"]


with ThreadPoolExecutor(16) as threads:
    list(threads.map(put, names) if step == "first" else threads.map(get, range(0, count, 10)))
