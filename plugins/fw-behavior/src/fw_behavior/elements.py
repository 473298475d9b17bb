"""XML elements that know their line."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from fw_behavior.errors import BadText


@dataclass
class Element:
    """A tag with attributes and elements inside; text is not kept."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    line: int = 0

    def text(self, depth: int = 0) -> str:
        """As XML, two spaces for each level."""
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        if not self.children:
            return f"{'  ' * depth}<{self.tag}{attributes}/>\n"
        inside = "".join(child.text(depth + 1) for child in self.children)
        return f"{'  ' * depth}<{self.tag}{attributes}>\n{inside}{'  ' * depth}</{self.tag}>\n"


def parse(text: str) -> Element:
    """The outermost element. Document types, and with them entities, are refused."""
    top = Element("")
    stack = [top]
    parser = expat.ParserCreate()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        stack[-1].children.append(Element(tag, attributes, [], parser.CurrentLineNumber))
        stack.append(stack[-1].children[-1])

    def refuse(*_: object) -> None:
        raise BadText("A document type is not taken.", parser.CurrentLineNumber, "Remove <!DOCTYPE …>.")

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: stack.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise BadText(expat.ErrorString(error.code), error.lineno, "This is not XML.") from error
    return top.children[0]
