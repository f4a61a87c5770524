"""Canonical forms by libxml2, for libxml2.rs: one process for all documents.

In: a line of JSON for each document, {"xml": base64, "forms": [{"element", "prefixes"}]}. `element` is a
place in document order; `prefixes` is the PrefixList of exclusive form, or null for inclusive form. Out: a
line of JSON for each, [base64 or null], null where libxml2 has no canonical form; null for a document that it
does not parse.
"""
import base64
import ctypes
import ctypes.util
import json
import sys

NODES = b"descendant-or-self::node()|descendant-or-self::*/@*|descendant-or-self::*/namespace::*"
QUIETLY_WITHOUT_NETWORK = 32 | 64 | 2048
INCLUSIVE, EXCLUSIVE = 0, 1

xml = ctypes.CDLL(ctypes.util.find_library("xml2"))
pointer = ctypes.c_void_p
for name in ("xmlReadMemory", "xmlXPathNewContext", "xmlXPathEvalExpression"):
    getattr(xml, name).restype = pointer
xml.xmlReadMemory.argtypes = [ctypes.c_char_p, ctypes.c_int, pointer, pointer, ctypes.c_int]
xml.xmlXPathNewContext.argtypes = [pointer]
xml.xmlXPathEvalExpression.argtypes = [ctypes.c_char_p, pointer]
xml.xmlC14NDocDumpMemory.argtypes = [
    pointer, pointer, ctypes.c_int, pointer, ctypes.c_int, ctypes.POINTER(pointer)
]
for name in ("xmlFreeDoc", "xmlXPathFreeContext", "xmlXPathFreeObject"):
    getattr(xml, name).argtypes = [pointer]
    getattr(xml, name).restype = None
free = ctypes.cast(pointer.in_dll(xml, "xmlFree").value, ctypes.CFUNCTYPE(None, pointer))
silent = ctypes.CFUNCTYPE(None, pointer, ctypes.c_char_p)(lambda *_: None)
xml.xmlSetGenericErrorFunc(None, silent)


class NodeSet(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int), ("room", ctypes.c_int), ("nodes", ctypes.POINTER(pointer))]


class XPathObject(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("nodes", ctypes.POINTER(NodeSet))]


class XPathContext(ctypes.Structure):
    _fields_ = [("document", pointer), ("node", pointer)]


def canonical(document, nodes, prefixes):
    mode, names = INCLUSIVE, None
    if prefixes is not None:
        mode, prefixes = EXCLUSIVE, prefixes.encode().split()
        names = (ctypes.c_char_p * (len(prefixes) + 1))(*prefixes, None)
    out = pointer()
    length = xml.xmlC14NDocDumpMemory(document, nodes, mode, names, 0, ctypes.byref(out))
    if length < 0:
        return None
    text = base64.b64encode(ctypes.string_at(out, length)).decode()
    free(out)
    return text


def forms(text, wanted):
    document = xml.xmlReadMemory(text, len(text), None, None, QUIETLY_WITHOUT_NETWORK)
    if not document:
        return None
    context = xml.xmlXPathNewContext(document)
    at = ctypes.cast(context, ctypes.POINTER(XPathContext)).contents
    every = xml.xmlXPathEvalExpression(b"//*", context)
    elements = ctypes.cast(every, ctypes.POINTER(XPathObject)).contents.nodes.contents
    found = []
    for form in wanted:
        at.node = elements.nodes[form["element"]]
        inside = xml.xmlXPathEvalExpression(NODES, context)
        nodes = ctypes.cast(inside, ctypes.POINTER(XPathObject)).contents.nodes
        found.append(canonical(document, nodes, form["prefixes"]))
        xml.xmlXPathFreeObject(inside)
    xml.xmlXPathFreeObject(every)
    xml.xmlXPathFreeContext(context)
    xml.xmlFreeDoc(document)
    return found


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(forms(base64.b64decode(asked["xml"]), asked["forms"])))
