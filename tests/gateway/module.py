"""Checks a module before a host does: the order of its markers, and that it asks for nothing but proxy-wasm's functions."""

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
    reader = Bytes(data)
    assert reader.take(8) == b"\0asm\1\0\0\0", "no WebAssembly module"
    while reader.at < len(data):
        kind = reader.take(1)[0]
        yield kind, Bytes(reader.take(reader.number()))


def imports(section):
    for _ in range(section.number()):
        module, name, kind = section.name(), section.name(), section.take(1)[0]
        if kind == 0:
            section.number()
        else:
            raise AssertionError(f"{module}.{name} is no function")
        yield f"{module}.{name}"


def exports(section):
    for _ in range(section.number()):
        name = section.name()
        section.take(1)
        section.number()
        yield name


def main():
    found = dict(sections(open(sys.argv[1], "rb").read()))
    asked = sorted(imports(found[2]))
    foreign = [name for name in asked if not name.startswith("env.proxy_")]
    assert not foreign, f"the module asks for {foreign}"
    markers = [name for name in exports(found[7]) if name.startswith("proxy_abi_version_")]
    assert markers == ["proxy_abi_version_0_2_100", "proxy_abi_version_0_2_1"], f"the markers are {markers}"
    print(f"gateway: {len(asked)} imports, markers {', '.join(markers)}")


main()
