"""Sheets, pages and graphs."""

import csv
import datetime
import io
import statistics
import xml.etree.ElementTree as ET
import zoneinfo

import babel.dates
import babel.numbers
import django
import django.conf
import django.db
import django.forms
import django.template
import docutils.core
import lark
import mako.template
import marshmallow
import networkx
import openpyxl
import pytz
import tabulate
import tornado.template
import werkzeug.routing
import werkzeug.test
import werkzeug.wrappers

django.conf.settings.configure(
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_I18N=False,
)
django.setup()

GRAMMAR = "start: WORD+\n%import common.WORD\n%ignore /[ ]/\n"


class Sale(marshmallow.Schema):
    name = marshmallow.fields.Str(required=True)
    when = marshmallow.fields.DateTime()


class Form(django.forms.Form):
    name = django.forms.CharField(max_length=10)


def page() -> str:
    template = django.template.Template("{% for s in sales %}{{ s|upper|default:'none' }}{% endfor %}")
    with django.db.connection.cursor() as cursor:
        cursor.execute("select 1")
    return template.render(django.template.Context({"sales": "abc", "form": Form({"name": "x"}).is_valid()}))


def pages() -> None:
    mako.template.Template("% for i in range(3):\n${i|h}\n% endfor\n").render()
    tornado.template.Template("{% for i in range(3) %}{{ i }}{% end %}").generate()
    docutils.core.publish_string("Title\n=====\n\n* a\n* b\n", writer_name="html")


def sheet() -> None:
    book = openpyxl.Workbook()
    for row in range(20):
        book.active.append([row, f"={row}*2", datetime.date(2024, 7, 1)])
    book.save(io.BytesIO())
    tabulate.tabulate([[1, 2.5], ["a", None]], headers=["x", "y"], tablefmt="github")


def numbers() -> None:
    babel.numbers.format_currency(1234.5, "EUR", locale="de_DE")
    babel.dates.format_datetime(datetime.datetime(2024, 7, 1), locale="fr_FR")
    pytz.timezone("Europe/Zurich").localize(datetime.datetime(2024, 7, 1)).astimezone(zoneinfo.ZoneInfo("UTC"))
    statistics.quantiles([1, 5, 7, 9])


def graph() -> list[str]:
    made = networkx.gnp_random_graph(40, 0.2, seed=7)
    networkx.betweenness_centrality(made)
    return list(networkx.algorithms.shortest_path(made, 0, 5))


def formats() -> None:
    Sale().dumps(Sale().load({"name": "tea", "when": "2024-07-01T00:00:00"}))
    lark.Lark(GRAMMAR).parse("tea and coffee")
    csv.DictWriter(io.StringIO(), ["a"]).writerow({"a": 1})
    ET.tostring(ET.fromstring("<a><b/></a>"))


def route() -> None:
    rules = werkzeug.routing.Map([werkzeug.routing.Rule("/sales/<int:year>", endpoint="sales")])
    environ = werkzeug.test.create_environ("/sales/2024?q=1")
    rules.bind_to_environ(environ).match()
    werkzeug.wrappers.Response("ok")(environ, lambda *_: None)


TASKS = (page, pages, sheet, numbers, graph, formats, route)
