import Catalog

extension Workbench {
    package func metricSeries(run: String, tag: String, after: Int64) throws -> [MetricPoint] {
        try withCatalog {
            let points = try store.metrics(run: store.run(run).id, tag: tag, after: after)
            return points.ids.indices.map {
                MetricPoint(
                    id: points.ids[$0], step: Int(points.steps[$0]), epoch: points.epochs[$0], wallTime: points.wallTimes[$0],
                    value: points.values[$0])
            }
        }
    }

    /// The tags of a run's series, in the order of their first values.
    package func metricTags(run: String) throws(WorkbenchError) -> [String] {
        try withCatalog { try store.metricTags(run: store.run(run).id) }
    }

    package func metricOutline(run: String, tag: String) throws -> MetricCurve {
        try withCatalog {
            let outline = try store.metricOutline(run: run, tag: tag)
            return MetricCurve(outline.points, total: outline.count)
        }
    }

    package func metricSamples(run: String, tag: String, after: Int64, limit: Int) throws -> MetricCurve {
        try withCatalog {
            let points = try store.metrics(run: run, tag: tag, after: after, limit: limit)
            return MetricCurve(points, total: points.count)
        }
    }
}

extension MetricCurve {
    init(_ points: MetricColumns, total: Int) {
        self.init(
            steps: points.steps.map(Double.init), epochs: points.epochs, wallTimes: points.wallTimes, values: points.values,
            lastID: points.ids.last ?? 0, total: total)
    }
}
