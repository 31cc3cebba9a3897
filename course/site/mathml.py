"""A Sphinx extension: formulas as MathML, made at build time.

Every current browser draws MathML and screen readers speak it, so a page needs no script and no
fonts for its formulas. The conversion is docutils' own, which Sphinx brings along.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes


def to_mathml(formula: str, *, block: bool = False) -> str:
    r"""A LaTeX formula as MathML.

    Raises
    ------
    ValueError
        If the formula is not understood.

    Examples
    --------
    >>> "".join(to_mathml(r"x \le 2").split())[-37:]
    '<mi>x</mi><mo>≤</mo><mn>2</mn></math>'
    """
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml

    if block:
        formula = _in_environment(formula)
    try:
        return tex2mathml(formula, as_block=block)
    except MathError as error:
        raise ValueError(f"The formula `{formula}` is not understood: {error}") from error


def _in_environment(formula: str) -> str:
    """Lines that end in ``\\\\`` or are aligned by ``&`` need a table around them."""
    many = "\\\\" in formula or "&" in formula
    if r"\begin{" in formula or not many:
        return formula
    return rf"\begin{{aligned}}{formula}\end{{aligned}}"


def setup(app: Any) -> dict:
    """Tell Sphinx that there is a renderer called ``mathml``."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_inline, None), block_renderers=(_block, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(_or_warning(node))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    opening = translator.starttag(node, "div", CLASS="math-block", tabindex="0")
    translator.body += [opening, _or_warning(node, block=True), "</div>\n"]
    raise nodes.SkipNode


def _or_warning(node: nodes.Element, *, block: bool = False) -> str:
    from html import escape

    from sphinx.util.logging import getLogger

    try:
        return to_mathml(node.astext(), block=block)
    except ValueError as error:
        getLogger(__name__).warning(str(error), location=node)
        return f"<code>{escape(node.astext())}</code>"
