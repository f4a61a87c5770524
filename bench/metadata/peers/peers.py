"""One pass of a peer over an aggregate, `peers.py WHAT FOLDER`, told as sso-bench-metadata tells of ours: CPU seconds of
the process and its children, and by how much the process grew. WHAT is one of

- lxml: the whole document as a tree, then the entity IDs;
- lxml-iterparse: the same, each entity forgotten when its ID was read;
- pysaml2: `saml2.mdstore.MetadataStore` with the file as a local source, as a service provider has it at its start;
- xmlsec1: the signature alone, by the program.
"""

import os
import resource
import subprocess
import sys
import time

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
ROOT = "urn:oasis:names:tc:SAML:2.0:metadata:EntitiesDescriptor"


def lxml(folder):
    from lxml import etree

    root = etree.parse(f"{folder}/aggregate.xml", etree.XMLParser(huge_tree=True)).getroot()
    ids = [entity.get("entityID") for entity in root.iter(f"{MD}EntityDescriptor")]
    return f"{len(ids)} entities"


def lxml_iterparse(folder):
    from lxml import etree

    ids = []
    for _, entity in etree.iterparse(f"{folder}/aggregate.xml", tag=f"{MD}EntityDescriptor", huge_tree=True):
        ids.append(entity.get("entityID"))
        entity.clear()
        while entity.getprevious() is not None:
            del entity.getparent()[0]
    return f"{len(ids)} entities"


def pysaml2(folder):
    from saml2.attribute_converter import ac_factory
    from saml2.config import SPConfig
    from saml2.mdstore import MetadataStore

    config = SPConfig().load({"entityid": "https://sp.example", "xmlsec_binary": "/usr/bin/xmlsec1"})
    store = MetadataStore(ac_factory(), config)
    store.imp([{"class": "saml2.mdstore.MetaDataFile", "metadata": [(f"{folder}/aggregate.xml",)]}])
    return f"{len(store.keys())} entities"


def xmlsec1(folder):
    subprocess.run(
        ["xmlsec1", "--verify", "--pubkey-cert-pem", f"{folder}/signer.pem", "--id-attr:ID", ROOT, f"{folder}/aggregate.xml"],
        check=True,
        capture_output=True,
    )
    return "its signature holds"


def main():
    what, folder = sys.argv[1:]
    before = resident("VmRSS")
    said = globals()[what.replace("-", "_")](folder)
    seconds = sum(os.times()[:4])
    grown = max(resident("VmHWM") - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(f"{what:16} {seconds:7.3f} s  {grown / 1024:6.1f} MiB grown  {said}")


def resident(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


main()
