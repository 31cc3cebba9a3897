"""The reference pages: crmlib's public functions, from their docstrings."""

from __future__ import annotations

import importlib
import pkgutil

INDEX = """\
# crmlib · 参考手册

The package that the notebooks import. Every function takes and returns plain tables or numbers;
the examples below are run by the tests.

```{{toctree}}
:hidden:

{pages}
```

{list}
"""


def reference_pages() -> dict[str, str]:
    """The pages in MyST Markdown by file name: an index, and one for each public subpackage."""
    pages = {f"{name}.md": _page(name) for name in _subpackages()}
    listed = [f"- [`crmlib.{name}`]({name}.md): {_summary(name)}" for name in _subpackages()]
    index = INDEX.format(pages="\n".join(_subpackages()), list="\n".join(listed))
    return {"index.md": index, **pages}


def _subpackages() -> list[str]:
    import crmlib

    found = pkgutil.iter_modules(crmlib.__path__)
    return sorted(item.name for item in found if item.ispkg and not item.name.startswith("_"))


def _summary(name: str) -> str:
    """The question that the subpackage answers: its docstring's first paragraph."""
    doc = importlib.import_module(f"crmlib.{name}").__doc__ or ""
    return " ".join(doc.strip().split("\n\n")[0].split())


def _page(name: str) -> str:
    directive = "\n".join(
        [
            "```{eval-rst}",
            f".. automodule:: crmlib.{name}",
            "   :members:",
            "   :imported-members:",
            "```",
        ]
    )
    return f"# crmlib.{name}\n\n{directive}\n"
