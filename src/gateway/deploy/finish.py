"""Finishes a module and checks it before a host does.

The linker sorts exports by name, and Higress takes the first marker it knows, so that one is put first. The module may ask
for nothing but proxy-wasm's functions.
"""

import sys


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value, shift = 0, 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take(self, length):
        self.at += length
        return self.data[self.at - length : self.at]

    def name(self):
        return self.take(self.number()).decode()


def sections(data):
    """The kind of each section, where its content begins, and its content."""
    reader = Bytes(data)
    assert reader.take(8) == b"\0asm\1\0\0\0", "no WebAssembly module"
    while reader.at < len(data):
        kind, length = reader.take(1)[0], reader.number()
        yield kind, (reader.at, Bytes(reader.take(length)))


def imports(section):
    for _ in range(section.number()):
        module, name, kind = section.name(), section.name(), section.take(1)[0]
        if kind == 0:
            section.number()
        else:
            raise AssertionError(f"{module}.{name} is no function")
        yield f"{module}.{name}"


def exports(section):
    """Names and the bytes of their entries."""
    for _ in range(section.number()):
        start, name = section.at, section.name()
        section.take(1)
        section.number()
        yield name, section.data[start : section.at]


def main():
    path = sys.argv[1]
    data = open(path, "rb").read()
    found = dict(sections(data))
    asked = sorted(imports(found[2][1]))
    foreign = [name for name in asked if not name.startswith("env.proxy_")]
    assert not foreign, f"the module asks for {foreign}"
    start, section = found[7]
    entries = list(exports(section))
    first = len(section.data) - sum(len(entry) for _, entry in entries)
    entries.sort(key=lambda entry: entry[0] != "proxy_abi_version_0_2_100")
    content = section.data[:first] + b"".join(entry for _, entry in entries)
    with open(path, "wb") as file:
        file.write(data[:start] + content + data[start + len(content) :])
    markers = [name for name, _ in entries if name.startswith("proxy_abi_version_")]
    assert markers == ["proxy_abi_version_0_2_100", "proxy_abi_version_0_2_1"], f"the markers are {markers}"
    print(f"gateway: {len(asked)} imports, markers {', '.join(markers)}")


main()
