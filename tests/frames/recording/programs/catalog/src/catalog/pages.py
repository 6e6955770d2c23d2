"""What customers see."""

import io

import bs4
import jinja2
import markdown_it
import pygments
import pygments.formatters
import pygments.lexers
import rich.console
import rich.table

TEMPLATE = "{% for good in goods|sort %}<li>{{ good|upper|truncate(7) }}{% else %}none{% endfor %}"


def list_goods() -> str:
    environment = jinja2.Environment(autoescape=True)
    return environment.from_string(TEMPLATE).render(goods=["tea", "coffee & cake", "cups"])


def describe() -> str:
    return markdown_it.MarkdownIt().enable("table").render("# Tea\n\n* [green](https://example.com)\n\n|a|b|\n|-|-|\n|1|2|\n")


def show_code() -> str:
    lexer = pygments.lexers.get_lexer_by_name("python")
    return pygments.highlight("def price(x):\n    return x * 2\n", lexer, pygments.formatters.HtmlFormatter())


def parse() -> list[str]:
    soup = bs4.BeautifulSoup(list_goods(), "html.parser")
    return [each.get_text() for each in soup.select("li:not(.sold)")]


def table() -> str:
    console = rich.console.Console(file=io.StringIO(), width=80)
    out = rich.table.Table("good", "price", title="[b]Goods[/b]")
    for name in ("tea", "coffee"):
        out.add_row(name, "[green]3[/green]")
    console.print(out)
    return console.file.getvalue()


TASKS = (list_goods, describe, show_code, parse, table)
