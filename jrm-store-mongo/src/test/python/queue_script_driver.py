"""Makes queue scripts with FireWorks' own queue launcher and adapter, for the tests of jrm.

Each line of stdin is a JSON object: "file" (name of the adapter file), "adapter" and "template" (their bytes, base64),
"stored" (spec._queueadapter), "name" and "id" of the Firework. For each, a line of
stdout: {"script": bytes in base64} or {"refused": text}. The launch folder is the current one.
"""

import base64
import json
import logging
import os
import sys
import tempfile
import warnings

from fireworks import Firework, FWorker, ScriptTask
from fireworks.queue import queue_launcher
from fireworks.user_objects.queue_adapters import common_adapter
from fireworks.utilities import fw_serializers

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

failures = []
scripts = []


def record(logger, message):
    failures.append("%s: %s" % sys.exc_info()[:2])


def submit(adapter, script_file):
    with open(script_file, "rb") as script:
        scripts.append(script.read())
    return "4711"


queue_launcher.log_exception = record
common_adapter.CommonAdapter.submit_to_queue = submit


class OneFirework:
    """A LaunchPad with one Firework that is ready."""

    logdir = None

    def __init__(self, given):
        spec = {"_tasks": [ScriptTask.from_str("true").to_dict()], "_queueadapter": given["stored"]}
        document = {"spec": spec, "fw_id": given["id"], "name": given["name"], "state": "READY"}
        self.firework = Firework.from_dict(json.loads(json.dumps(document)))

    def run_exists(self, fworker):
        return True

    def reserve_fw(self, fworker, launch_dir, fw_id=None):
        return self.firework, 1

    def set_reservation_id(self, launch_id, reservation_id):
        pass

    def cancel_reservation(self, launch_id):
        pass

    def add_offline_run(self, launch_id, fw_id, name):
        pass

    def forget_offline(self, launch_id):
        pass


def make_script(given, folder):
    adapter_file = os.path.join(folder, given["file"])
    with open(adapter_file, "wb") as file:
        file.write(base64.b64decode(given["adapter"]))
    adapter = fw_serializers.load_object_from_file(adapter_file)
    adapter.template_file = os.path.join(folder, "template.txt")
    with open(adapter.template_file, "wb") as file:
        file.write(base64.b64decode(given["template"]))
    queue_launcher.launch_rocket_to_queue(OneFirework(given), FWorker(), adapter, os.getcwd(), reserve=True)
    if failures:
        raise ValueError(failures[0])
    return scripts[0]


def main():
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            failures.clear()
            scripts.clear()
            try:
                script = make_script(json.loads(line), folder)
                answer = {"script": base64.b64encode(script).decode()}
            except Exception as e:  # noqa: whatever FireWorks dies of is a refusal
                answer = {"refused": "%s: %s" % (type(e).__name__, e)}
            print(json.dumps(answer), flush=True)


main()
