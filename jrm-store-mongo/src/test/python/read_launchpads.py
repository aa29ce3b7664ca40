"""Prints how FireWorks reads launchpad files: one line of JSON for each file named in the arguments.

Nothing is connected to, and no name is looked up: a mongodb+srv host stands for itself.
"""

import json
import sys
import warnings

import fireworks.core.launchpad as launchpad
import pymongo
from fireworks.core.launchpad import LaunchPad

NEW = pymongo.version_tuple[0] >= 4
if NEW:
    from pymongo.synchronous import uri_parser
else:
    from pymongo import uri_parser


class Resolver:
    def __init__(self, name, *args, **kwargs):
        self.name = name

    def get_hosts(self):
        return [(self.name, 27017)]

    def get_options(self):
        return None


uri_parser._SrvResolver = Resolver
uri_parser._HAVE_DNSPYTHON = True
launchpad.MongoClient = lambda *args, **kwargs: pymongo.MongoClient(*args, **dict(kwargs, connect=False))
# What GridFS, which FireWorks sets up at once, would refuse is refused below.
launchpad.GRIDFS_FALLBACK_COLLECTION = None


def either(options, new, old):
    value = options.get(new.lower())
    return options.get(old) if value is None else value


def read(file):
    pad = LaunchPad.from_file(file)
    # pymongo 4 looks a mongodb+srv name up when it connects.
    if NEW and pad.connection._resolve_srv_info["is_srv"]:
        pad.connection._resolve_srv()
    return pad


def settings(pad):
    client = pad.connection
    if NEW:
        all_options = client._options
        context = all_options.pool_options._ssl_context
    else:
        all_options = client._MongoClient__options
        context = all_options.pool_options.ssl_context
    options = all_options._options
    credentials = all_options.pool_options._credentials if NEW else all_options.credentials
    tls = context is not None
    return {
        "hosts": sorted("%s:%s" % seed for seed in client._topology_settings.seeds),
        "database": pad.db.name,
        "user": credentials and credentials.username or None,
        "password": credentials and credentials.password or None,
        "source": credentials and credentials.source,
        "mechanism": credentials and credentials.mechanism.replace("DEFAULT", ""),
        "tls": tls,
        "ca": either(options, "tlsCAFile", "ssl_ca_certs") if tls else None,
        "certificate": either(options, "tlsCertificateKeyFile", "ssl_certfile") if tls else None,
        "key": options.get("ssl_keyfile") if tls else None,
        "crl": either(options, "tlsCRLFile", "ssl_crlfile") if tls else None,
        "certificateRequired": tls and context.verify_mode != 0,
        "hostNameChecked": tls and bool(context.check_hostname),
        "replicaSet": all_options.replica_set_name,
        "direct": bool(all_options.direct_connection),
        "readPreference": all_options.read_preference.mongos_mode,
    }


for file in sys.argv[1:]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pad = read(file)
        except Exception as e:
            print(json.dumps({"refused": "%s: %s" % (type(e).__name__, e)}))
        else:
            print(json.dumps(settings(pad)))
