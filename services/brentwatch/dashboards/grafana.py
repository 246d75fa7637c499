"""A board as the JSON that Grafana imports, by the types of its own SDK.

Only panel types and fields that Grafana 10 has are used: stat, timeseries, bargauge, table and barchart, and
the transformations merge, organize and sortBy. An annotation has its query twice: Grafana 10 reads `expr`,
later versions read `target`.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from grafana_foundation_sdk.builders import (
    barchart,
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as prometheus_models

from brentwatch.dashboards.board import (
    Bars,
    Board,
    BoardPanel,
    ColourLimit,
    Graph,
    Histogram,
    LargeNumbers,
    Listing,
    Mark,
    PanelQuery,
    Word,
)

DATASOURCE = common_models.DataSourceRef(type_val="prometheus", uid="${datasource}")
_REFRESH = "30s"
_REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_AnyPanel = stat.Panel | timeseries.Panel | bargauge.Panel | table.Panel | barchart.Panel


def render_board(board: Board) -> str:
    """The text of its JSON file: the same board gives the same text."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.about)
        .tags(["brentwatch"])
        .time(f"now-{board.span}", "now")
        .refresh(_REFRESH)
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables([_build_datasource(), *(_build_choice(*each) for each in board.choices.items())])
        .annotations([_build_mark(board, each) for each in board.marks])
    )
    for number, panel in enumerate(board.panels, start=1):
        made.with_panel(_build_panel(panel, number))
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _build_datasource() -> dashboard.DatasourceVariable:
    return (
        dashboard.DatasourceVariable("datasource")
        .label("Prometheus")
        .type("prometheus")
        .description("The Prometheus that scrapes brentwatch")
    )


def _build_choice(name: str, metric: str) -> dashboard.QueryVariable:
    query: dict[str, object] = {"query": f"label_values({metric}, {name})", "refId": f"choose-{name}"}
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .description(f"Values of the label {name}")
        .datasource(DATASOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _build_mark(board: Board, mark: Mark) -> dashboard.AnnotationQuery:
    numbers = [number for number, panel in enumerate(board.panels, start=1) if panel.title in mark.on]
    target = (
        prometheus.Dataquery()
        .datasource(DATASOURCE)
        .ref_id("Anno")
        .expr(mark.expr)
        .interval(mark.step)
        .range()
    )
    return (
        dashboard.AnnotationQuery()
        .name(mark.name)
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color("red")
        .filter(dashboard.AnnotationPanelFilter().exclude(False).ids(numbers))
        .target(target)
        .expr(mark.expr)
        .step(mark.step)
        .title_format(mark.name)
        .text_format(mark.text)
    )


def _build_panel(panel: BoardPanel, number: int) -> _AnyPanel:
    made = (
        _build_kind(panel)
        .id(number)
        .title(panel.title)
        .description(panel.about)
        .datasource(DATASOURCE)
        .grid_pos(models.GridPos(x=panel.place.x, y=panel.place.y, w=panel.place.width, h=panel.place.height))
        .unit(panel.unit)
        .no_value(panel.empty)
        .targets([_build_target(panel, each, ref) for each, ref in _pair_queries(panel)])
        .mappings(_build_words(panel.words))
        .thresholds(_build_limits(panel.limits or (ColourLimit(0, "text"),)))
    )
    if panel.decimals is not None:
        made.decimals(panel.decimals)
    if panel.zero_based:
        made.min(0)
    _override(made, panel)
    return made


def _pair_queries(panel: BoardPanel) -> Iterable[tuple[PanelQuery, str]]:
    return zip(panel.queries, _REF_IDS, strict=False)


def _build_target(panel: BoardPanel, query: PanelQuery, ref_id: str) -> prometheus.Dataquery:
    made = prometheus.Dataquery().datasource(DATASOURCE).ref_id(ref_id).expr(query.expr)
    match panel.show:
        case Graph():
            return made.range().legend_format(query.legend)
        case Listing() | Histogram():
            return made.instant().format(prometheus_models.PromQueryFormat.TABLE)
        case _:
            return made.instant().legend_format(query.legend)


def _build_kind(panel: BoardPanel) -> _AnyPanel:
    """The panel of Grafana for what is shown, with what only this type has."""
    newest = common.ReduceDataOptions().calcs(["lastNotNull"])
    match panel.show:
        case LargeNumbers(filled=filled, named=named):
            return (
                stat.Panel()
                .reduce_options(newest)
                .graph_mode(common_models.BigValueGraphMode.NONE)
                .color_mode(_choose_colour_mode(filled=filled))
                .text_mode(_choose_text_mode(named=named))
            )
        case Graph():
            return _build_graph()
        case Bars():
            return (
                bargauge.Panel()
                .reduce_options(newest)
                .orientation(common_models.VizOrientation.HORIZONTAL)
                .display_mode(common_models.BarGaugeDisplayMode.BASIC)
            )
        case Listing(labels=labels):
            return table.Panel().transformations(_merge_queries(panel, labels))
        case Histogram(label=label, title=title):
            return (
                barchart.Panel()
                .x_field(title)
                .show_value(common_models.VisibilityMode.AUTO)
                .legend(_build_legend())
                .transformations(_merge_queries(panel, {label: title}))
            )


def _build_graph() -> timeseries.Panel:
    return (
        timeseries.Panel()
        .line_width(2)
        .fill_opacity(5)
        .show_points(common_models.VisibilityMode.AUTO)
        .span_nulls(False)
        .legend(_build_legend())
        .tooltip(common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI))
        .color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC))
    )


def _build_legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(common_models.LegendDisplayMode.LIST)
        .placement(common_models.LegendPlacement.BOTTOM)
    )


def _choose_colour_mode(*, filled: bool) -> common_models.BigValueColorMode:
    mode = common_models.BigValueColorMode
    return mode.BACKGROUND if filled else mode.VALUE


def _choose_text_mode(*, named: bool) -> common_models.BigValueTextMode:
    mode = common_models.BigValueTextMode
    return mode.VALUE_AND_NAME if named else mode.VALUE


def _merge_queries(panel: BoardPanel, labels: Any) -> list[models.DataTransformerConfig]:
    """Queries side by side, a row for each set of labels; what has no title is left out."""
    values = {f"Value #{ref_id}": query.legend for query, ref_id in _pair_queries(panel)}
    titles = dict(labels) | {name: title for name, title in values.items() if title}
    hidden = ["Time", *(name for name, title in values.items() if not title)]
    organized = {
        "excludeByName": dict.fromkeys(hidden, True),
        "indexByName": {name: place for place, name in enumerate(titles)},
        "renameByName": titles,
    }
    first = next(iter(titles.values()))
    backwards = isinstance(panel.show, Listing)  # the newest session first
    return [
        models.DataTransformerConfig(id_val="merge", options={}),
        models.DataTransformerConfig(id_val="organize", options=organized),
        models.DataTransformerConfig(
            id_val="sortBy", options={"fields": {}, "sort": [{"desc": backwards, "field": first}]}
        ),
    ]


def _override(made: _AnyPanel, panel: BoardPanel) -> None:
    """What is special to one query: by its column in a list, by its refId elsewhere."""
    for query, ref_id in _pair_queries(panel):
        properties = _list_properties(query)
        if not properties:
            continue
        if isinstance(panel.show, Listing | Histogram):
            made.override_by_name(query.legend, properties)
        else:
            made.override_by_query(ref_id, properties)
    if isinstance(panel.show, Graph):
        for legend in panel.show.dashed:
            style = models.DynamicConfigValue(
                id_val="custom.lineStyle", value={"fill": "dash", "dash": [8, 8]}
            )
            made.override_by_name(legend, [style])


def _list_properties(query: PanelQuery) -> list[models.DynamicConfigValue]:
    given: dict[str, object] = {}
    if query.unit:
        given["unit"] = query.unit
        given["decimals"] = 1 if query.unit == "percentunit" else (4 if query.legend == "p-value" else 0)
    if query.words:
        given["mappings"] = _build_words(query.words)
    if query.limits:
        given["thresholds"] = _build_limits(query.limits).build()
    return [models.DynamicConfigValue(id_val=name, value=value) for name, value in given.items()]


def _build_words(words: Sequence[Word]) -> list[models.ValueMapping]:
    if not words:
        return []
    results = {
        str(word.value): models.ValueMappingResult(text=word.text, color=word.colour, index=index)
        for index, word in enumerate(words)
    }
    return [models.ValueMap(options=results)]


def _build_limits(limits: Iterable[ColourLimit]) -> dashboard.ThresholdsConfig:
    """The first colour holds below its limit too."""
    first, *others = limits
    steps = [models.Threshold(value=None, color=first.colour)]
    steps += [models.Threshold(value=each.value, color=each.colour) for each in others]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
