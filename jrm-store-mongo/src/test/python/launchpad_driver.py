"""Works on a LaunchPad with FireWorks' own classes, for the tests and the benchmark of jrm.

usage: launchpad_driver.py MY_LAUNCHPAD.yaml COMMAND [ARGS]

  graphs               adds a chain, a fan-out with a fizzled branch, an archived and an offline workflow; prints
                       one line "NAME ID STATE" for each
  work WRITER COUNT    adds, reserves, completes and deletes COUNT workflows, all its own; prints the ids it got
  run_and_delete CATEGORY FIRST COUNT
                       reserves, completes and deletes workflows one by one; waits for a line before each step,
                       prints one after it
  add COUNT            adds COUNT workflows one by one; prints the seconds it took
  bulk_add COUNT       adds COUNT workflows in one call; prints the seconds
  table                makes the table of `lpad get_wflows -d more`; prints the seconds and the number of rows
  delete FIRST COUNT   deletes workflows one by one; prints the seconds
"""

import os
import socket
import sys
import time

from fireworks import FWorker, Firework, FWAction, LaunchPad, ScriptTask, Workflow


def deployment(name, category, nodes=2):
    """As the benchmark of jrm makes its own: the same fields, texts of the same length."""
    names = ["n%d" % node for node in range(nodes)]
    tasks = []
    for node in names:
        script = "cat << 'EOF' > %s.sh\n%s\nEOF" % (node, "echo a line of a node script of some length\n" * 40)
        tasks.append(ScriptTask.from_str(script))
        tasks.append(ScriptTask.from_str("chmod +x %s.sh" % node))
    forwards = [
        {
            "status": "open",
            "cmd": "ssh -NfL *:10001:localhost:10001 login04",
            "remote_proxy": "jump",
            "remote": "login04",
            "nodename": node,
            "port": "10001",
        }
        for node in names
    ]
    spec = {
        "_category": category,
        "_queueadapter": {"job_name": name, "walltime": "00:05:00", "nodes": nodes},
        "jrms_info": {
            "nodenames": names,
            "jrm_ports": [10001 + node for node in range(nodes)],
            "apiserver_port": 6443,
            "kubeconfig": "k",
            "control_plane_ip": "cp",
            "vkubelet_pod_ips": [],
            "site": category,
            "image": "i",
            "mapped_custom_metrics_ports": {},
        },
        "ssh_info": {"ssh_metrics": forwards, "ssh_custom_metrics": []},
    }
    firework = Firework(tasks, spec=spec, name=name)
    return Workflow([firework], name=name)


def state(launchpad, fw_id):
    return launchpad.get_wf_by_fw_id(fw_id).state


def run(launchpad, worker, fw_id, end="COMPLETED"):
    firework, launch_id = launchpad.checkout_fw(
        worker, os.getcwd(), fw_id=fw_id, host=socket.gethostname(), ip="127.0.0.1", state="RUNNING")
    assert firework is not None, fw_id
    launchpad.complete_launch(launch_id, FWAction(stored_data={"returncode": 0}), end)
    return launch_id


def graphs(launchpad):
    worker = FWorker()
    first = Firework([ScriptTask.from_str("true")], name="first")
    second = Firework([ScriptTask.from_str("true")], name="second", parents=[first])
    third = Firework([ScriptTask.from_str("true")], name="third", parents=[second])
    chain = launchpad.add_wf(Workflow([first, second, third], name="chain"))
    run(launchpad, worker, chain[first.fw_id] if first.fw_id in chain else first.fw_id)
    report(launchpad, "chain", max(chain.values()))

    root = Firework([ScriptTask.from_str("true")], name="root")
    leaves = [Firework([ScriptTask.from_str("true")], name="leaf%d" % i, parents=[root]) for i in range(3)]
    leaves[2].spec["_allow_fizzled_parents"] = True
    fan = launchpad.add_wf(Workflow([root] + leaves, name="fan-out"))
    run(launchpad, worker, root.fw_id)
    run(launchpad, worker, leaves[0].fw_id, "FIZZLED")
    report(launchpad, "fan-out", max(fan.values()))

    twice = launchpad.add_wf(deployment("launched-twice", "site"))
    twice_id = list(twice.values())[0]
    run(launchpad, worker, twice_id, "FIZZLED")
    launchpad.rerun_fw(twice_id)
    run(launchpad, worker, twice_id)
    report(launchpad, "launched-twice", twice_id)

    archived = list(launchpad.add_wf(deployment("archived", "site")).values())[0]
    launchpad.archive_wf(archived)
    report(launchpad, "archived", archived)

    offline = list(launchpad.add_wf(deployment("offline", "site")).values())[0]
    firework, launch_id = launchpad.reserve_fw(worker, os.getcwd(), fw_id=offline)
    launchpad.add_offline_run(launch_id, offline, "offline")
    report(launchpad, "offline", offline)


def report(launchpad, name, fw_id):
    print(name, launchpad.get_wf_by_fw_id(fw_id).to_db_dict()["nodes"][0], state(launchpad, fw_id))


def work(launchpad, writer, count):
    category = "python-" + writer
    worker = FWorker(name=category, category=category)
    ids = []
    for i in range(count):
        fw_id = list(launchpad.add_wf(deployment("%s-%d" % (category, i), category)).values())[0]
        ids.append(fw_id)
        firework, launch_id = launchpad.reserve_fw(worker, os.getcwd(), host="login01", ip="127.0.0.1", fw_id=fw_id)
        launchpad.set_reservation_id(launch_id, "%d" % i)
        run(launchpad, worker, fw_id)
        assert state(launchpad, fw_id) == "COMPLETED", fw_id
        if i % 2:
            launchpad.delete_wf(fw_id)
    print(*ids)


def run_and_delete(launchpad, category, first, count):
    """Tells of each step and waits for a line before it, for who wants to kill it in the middle of one."""
    worker = FWorker(name=category, category=category)
    for fw_id in range(first, first + count):
        for step in (
            lambda: launchpad.reserve_fw(worker, os.getcwd(), host="login01", ip="127.0.0.1", fw_id=fw_id),
            lambda: run(launchpad, worker, fw_id),
            lambda: launchpad.delete_wf(fw_id),
        ):
            sys.stdin.readline()
            step()
            print("step", flush=True)


def timed(action):
    start = time.perf_counter()
    result = action()
    print("%.6f" % (time.perf_counter() - start), result if result is not None else "")


def main(config, command, *args):
    launchpad = LaunchPad.from_file(config)
    launchpad.m_logger.setLevel("ERROR")
    if command == "graphs":
        graphs(launchpad)
    elif command == "work":
        work(launchpad, args[0], int(args[1]))
    elif command == "run_and_delete":
        run_and_delete(launchpad, args[0], int(args[1]), int(args[2]))
    elif command == "add":
        workflows = [deployment("p%d" % i, "bench") for i in range(int(args[0]))]
        timed(lambda: [launchpad.add_wf(workflow) for workflow in workflows] and None)
    elif command == "bulk_add":
        workflows = [deployment("p%d" % i, "bench") for i in range(int(args[0]))]
        timed(lambda: launchpad.bulk_add_wfs(workflows))
    elif command == "table":
        ids = launchpad.get_wf_ids({})
        timed(lambda: len([launchpad.get_wf_summary_dict(i, mode="more") for i in launchpad.get_wf_ids({})]))
        assert ids is not None
    elif command == "delete":
        first = int(args[0])
        timed(lambda: [launchpad.delete_wf(first + i) for i in range(int(args[1]))] and None)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
