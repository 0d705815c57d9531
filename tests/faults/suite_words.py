"""What mutated suites hold: odd values, keys, bytes, and names of modules that fail in odd ways."""

from __future__ import annotations

_BOMB = ", ".join(f"&a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))

_VALUES = r"""
null
~
true
No
0
-1
-0.0
[]
{}
''
=
<<
x: y: z
1e999
1.0e+999
1e-400
.nan
-.inf
'nan'
'inf'
9223372036854775808
0o17
017
0b11
1_000
1:30
190:20:30.15
2024-01-01
2024-13-45
2001-12-14t21:59:43.10-05:00
"\ud800"
"\0"
"\U00110000"
"\UFFFFFFFF"
"a\nb"
"\u202e"
"\e[31m"
!!python/name:os.system
!!python/object/apply:os.system [exit]
!!set {a, b}
!!omap [a: 1]
!!binary aGk=
!!timestamp 2001-01-01
!!int x
!!float y
!o p
!!str 017
!!null x
!!bool maybe
!<tag:yaml.org,2002:merge> a
! x
!!map []
&r [*r]
*none
[&x [1, 2], *x, *x]
{<<: {name: maml}}
{? [a, b] : c}
{: empty}
{null: 1}
/dev/zero
/
../..
./.
~root
a/b
hub:
hub:/
hub:a/b/c
hub:..
synthetic
{name: synthetic, train: 1e99}
int0
int99999999999999999999
prune100
int8+int8+int8
int8@never
@
+
a@b@c
{chain: int8}
{chain: []}
{chain: [null]}
{chain: [int8], only: [[a]]}
{name: maml, inner_steps: [[]]}
{name: adamw, lr: [.1, .1]}
{name: null}
{name: []}
"""

ODD_VALUES = [
    *_VALUES.strip().splitlines(),
    "9" * 30,
    "9" * 5000,
    f"'{'9' * 5000}'",
    "0x" + "f" * 99,
    "[" * 5000,
    "[" * 2000 + "]" * 2000,
    "{a: " * 900 + "}" * 900,
    f"[&a0 [x, x, x, x, x, x, x, x, x], {_BOMB}]",
    "x" * 20_000,
    "'" + "ab " * 3000 + "'",
    "[" + ", ".join(["joint"] * 500) + "]",
    str(list(range(3000))),
    f"{{name: maml, inner_steps: {list(range(1, 90))}, tasks: {list(range(1, 90))}}}",
]

_KEYS = r"""
''
<<
1
null
~
name
namee
tune
=
*a
&k z
"\0"
"\ud800"
!!python/none k
2024-01-01
check
curve
"""

ODD_KEYS = [*_KEYS.strip().splitlines(), "? [a]\n: ", "k" * 3000]

_BYTES = r"""
\x0c
\x00
\xff
\xed\xa0\x80
\xef\xbb\xbf
\xc2\x85
\xe2\x80\xa8
\xe2\x80\xae
\xf0\x9f\x8e\x99
\xf4\x90\x80\x80
\xc0\x80
\x1b[2J
\t
\r
\n\n
---\n
...\n
%YAML 9.9\n
%TAG ! tag:x,2000:\n---\n
&a\x20
*a
!!python/tuple\x20
|
>9
{
[
?\x20
:\x20
-\x20
#
'
"
@
`
,
}
<<: *x\n
"""

ODD_BYTES = [
    line.encode().decode("unicode_escape").encode("latin-1") for line in _BYTES.strip().splitlines()
]

MODULES = {
    "fault_divides": "1 / 0",
    "fault_exits": "import sys\nsys.exit(1)",
    "fault_syntax": "def",
    "fault_quits": "class Quit(BaseException): pass\nraise Quit('\\n' * 9 + 'x' * 5000)",
    "fault_recurses": "def f(): f()\nf()",
    "fault_values": "number, text, kind, function = 1, 'x', dict, len",
    "fault_members": """
from dataclasses import dataclass, field
from typing import Any

from benchmark.data.corpora.base import Corpus
from benchmark.methods.base import Method
from benchmark.methods.joint import Joint
from benchmark.methods.maml import Maml

class Abstract(Method): pass

@dataclass(frozen=True)
class Good(Joint):
    more: int = 1

@dataclass(frozen=True)
class Raises(Joint):
    def __post_init__(self): {}["no"]

@dataclass(frozen=True)
class Unstorable(Joint):
    kept: Any = field(default_factory=set)

@dataclass(frozen=True)
class Odd(Joint):
    odd: len = 1

@dataclass(frozen=True)
class Named(Maml):
    inner_optimizer: str = "fault_divides:X"

@dataclass(frozen=True)
class Speaks(Corpus):
    def languages(self): raise OSError("none")
    def identity(self, language): return {}
    def read(self, language): return []
""",
}

_PATHS = """
:X
a:
:
.a:X
..:X
a..b:X
a b:c
a:b:c
a:B.C
1:2
é:x
no_such:X
os:path
sys:exit
__main__:X
benchmark.methods.base:Method
benchmark.methods.maml:Maml
"""

IMPORT_PATHS = [
    *_PATHS.strip().splitlines(),
    *(f"{name}:X" for name in MODULES),
    *(f"fault_values:{name}" for name in ("number", "text", "kind", "function")),
    *(f"fault_members:{name}" for name in ("Abstract", "Good", "Raises", "Unstorable")),
    *(f"fault_members:{name}" for name in ("Odd", "Named", "Speaks")),
    "a" * 3000 + ":X",
]
