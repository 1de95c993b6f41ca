"""What the parts count, as metrics of the API."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from earwitness.health import Report


class PartCollector(Collector):
    """Reads the parts' reports whenever ``/metrics`` is asked for."""

    def __init__(self, reports: Callable[[], Iterable[Report]]) -> None:
        self._reports = reports

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """``earwitness_part_well`` for every part, and a gauge for each number that parts report.

        A number whose name ends in ``:`` and a word is one of several, told apart by the label ``target``.
        """
        well = GaugeMetricFamily("earwitness_part_well", "1 where the part is well", labels=["part"])
        numbers: dict[str, GaugeMetricFamily] = {}
        for report in self._reports():
            well.add_metric([report.part], float(report.well))
            for key, value in report.numbers.items():
                name, _, target = key.partition(":")
                if name not in numbers:
                    text = name.replace("_", " ").capitalize()
                    labels = ["part", "target"] if target else ["part"]
                    numbers[name] = GaugeMetricFamily(f"earwitness_{name}", text, labels=labels)
                numbers[name].add_metric([report.part, target] if target else [report.part], value)
        yield well
        yield from numbers.values()
