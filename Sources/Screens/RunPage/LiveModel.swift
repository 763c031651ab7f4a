import TerminalKit
import Workbench

/// The metrics of one run, while it trains and afterwards.
struct LiveModel: Equatable, Sendable {
    let runID: String
    private(set) var detail: RunDetail?
    private(set) var log: [LogLine] = []
    private(set) var metrics = RunMetrics()
    private(set) var settings = ChartSettings()
    /// The panel that fills the screen; nil shows as many as have room.
    private(set) var zoomed: LivePanel?
    /// The first panel that is shown where not all have room.
    private(set) var firstPanel = 0
    private(set) var view = StepWindow()
    private(set) var exportPicker: Picker?
    private var ranges: [LivePanel: SteadyRange] = [:]
    var problem: String?

    init(runID: String) {
        self.runID = runID
    }

    /// Series are compared by their revision: values may be NaN, and many.
    static func == (left: LiveModel, right: LiveModel) -> Bool {
        left.runID == right.runID && left.metrics.revision == right.metrics.revision && left.zoomed == right.zoomed
            && left.firstPanel == right.firstPanel && left.view == right.view && left.exportPicker == right.exportPicker
            && left.settings == right.settings && left.ranges == right.ranges && left.detail == right.detail && left.log == right.log
            && left.problem == right.problem
    }

    /// The step where the cross-hair stands; nil where it is off.
    var cursor: Double? { view.cursor }
    /// The steps that charts show; nil shows all.
    var window: ClosedRange<Double>? { view.steps }
    var task: TaskKind { detail?.summary.task ?? .objectDetection }
    var panels: [LivePanel] { LivePanel.all(task) }

    mutating func take(_ refresh: RunRefresh) {
        guard refresh.detail.id == runID else { return }
        detail = refresh.detail
        log = refresh.log
        problem = nil
        let before = metrics.revision
        metrics.take(refresh.curves, startedAt: refresh.detail.startedAt)
        if metrics.revision != before { update() }
    }

    // MARK: What charts show

    /// The longest series: the cross-hair walks along it, and times are read from it.
    var reference: SampledSeries {
        let tags = zoomed.map { $0.lines(task).map(\.tag) } ?? []
        for tag in tags.reversed() where metrics.series(tag).count > 0 { return metrics.series(tag) }
        return metrics.series("train/loss")
    }

    private var lastStep: Double {
        guard let detail else { return 1 }
        let newest = metrics.series("train/loss").positions.steps.last ?? 0
        return max(1, newest, Double(detail.summary.status.isTerminal ? detail.step : detail.totalSteps))
    }

    /// The window, or all steps.
    var shownSteps: ClosedRange<Double> { window ?? 0...lastStep }

    func xRange(_ axis: ChartAxis) -> ClosedRange<Double> {
        let steps = shownSteps
        switch axis {
        case .step: return steps
        case .epoch:
            guard let detail, detail.totalSteps > 0, detail.totalEpochs > 0 else { return 0...max(1, metrics.series("train/loss").positions.epochs.last ?? 1) }
            let perStep = Double(detail.totalEpochs) / Double(detail.totalSteps)
            return steps.lowerBound * perStep...max(steps.upperBound, steps.lowerBound + 1) * perStep
        case .time:
            let series = metrics.series("train/loss")
            guard series.count > 0, let end = series.positions.times.last else { return 0...1 }
            return window.flatMap { series.places(of: $0, on: .time) } ?? 0...max(1, end)
        }
    }

    func yRange(_ panel: LivePanel) -> ClosedRange<Double>? { ranges[panel]?.shown }

    /// Smooths what is shown, and lets the vertical ranges follow the values.
    private mutating func update() {
        let dense = panels.filter(\.isDense).flatMap { $0.lines(task).map(\.tag) }
        metrics.smooth(settings.smoothing, tags: dense)
        let time = metrics.series("train/loss").positions.times.last ?? 0
        for panel in panels where panel != .log {
            let axis = settings.axis(of: panel), range = xRange(axis), scale = settings.scale(of: panel)
            let fit = ValueRange.fitting(
                panel.lines(task).map { metrics.series($0.tag) }, from: range.lowerBound, to: range.upperBound, on: axis, scale: scale,
                fit: settings.fit(of: panel))
            ranges[panel, default: SteadyRange()].follow(fit, at: time, scale: scale)
        }
    }

    private mutating func change(_ body: (inout ChartSettings) -> Void) {
        body(&settings)
        fitAnew()
    }

    private mutating func fitAnew() {
        ranges = [:]
        update()
    }

    // MARK: Actions

    /// Panels whose scale the person means: the one in full, or all that are no rates.
    private var scaledPanels: [LivePanel] { zoomed.map { [$0] } ?? panels.filter { !$0.isRate && $0 != .log } }

    private func hasPositive(_ panel: LivePanel) -> Bool {
        panel.lines(task).contains { metrics.series($0.tag).pyramid.summary.leastPositive.isFinite }
    }

    func availability(of action: AppAction) -> Availability {
        let count = panels.count
        if let number = action.panelNumber {
            return Availability(unless: number <= count ? nil : "There are \(count) panels here.")
        }
        let hasSamples = reference.count > 0
        switch action {
        case .allPanels: return Availability(unless: zoomed == nil && window == nil ? "Everything is shown." : nil)
        case .nextPanels: return Availability(unless: zoomed != nil ? "One panel fills the screen." : firstPanel + 1 < count ? nil : "This is the last panel.")
        case .previousPanels: return Availability(unless: zoomed != nil ? "One panel fills the screen." : firstPanel > 0 ? nil : "This is the first panel.")
        case .logScale:
            let able = scaledPanels.contains(where: hasPositive)
            let names = zoomed.map(\.title) ?? "the charts"
            return Availability(unless: able ? nil : "A log scale needs values above zero; \(names) has none yet.")
        case .crossHair, .zoomIn, .exportCharts: return Availability(unless: hasSamples ? nil : "There are no values yet.")
        case .zoomOut: return Availability(unless: window == nil ? "All steps are shown." : nil)
        case .cursorLeft, .cursorRight, .cursorFarLeft, .cursorFarRight, .cursorFirst, .cursorLast, .nextEvent, .previousEvent:
            guard cursor != nil else { return .elsewhere("The cross-hair is off; x turns it on.") }
            if action == .nextEvent || action == .previousEvent, events.isEmpty { return .unavailable("Nothing of note has happened yet.") }
            return .available
        default: return .available
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        if let number = action.panelNumber {
            let panel = panels[number - 1]
            zoomed = zoomed == panel ? nil : panel
            return []
        }
        switch action {
        case .allPanels:
            zoomed = nil
            view.showAll()
            fitAnew()
        case .nextPanels: firstPanel = min(panels.count - 1, firstPanel + 1)
        case .previousPanels: firstPanel = max(0, firstPanel - 1)
        case .moreSmoothing: change { $0.changeSmoothing(by: 1) }
        case .lessSmoothing: change { $0.changeSmoothing(by: -1) }
        case .logScale: toggleLogScale()
        case .chartAxis:
            change { $0.nextAxis() }
            return [.say(settings.axis.map { "All charts run over \($0.rawValue)." } ?? "Each chart runs over what suits it.")]
        case .chartFit:
            change { $0.nextFit() }
            return [.say(settings.fit == .usual ? "Rates are shown from 0 to 1." : settings.fit == .values ? "All charts are fitted to their values." : "Outliers are cut off, and counted.")]
        case .crossHair: view.cursor = cursor == nil ? lastShownStep : nil
        case .zoomIn: zoom(by: 0.5)
        case .zoomOut: zoom(by: 2)
        case .exportCharts: exportPicker = ExportEffect.picker()
        default: return moveCursor(action)
        }
        return []
    }

    /// Takes a key for the export menu; nil where it is not open.
    mutating func type(_ key: Key) -> [Request]? {
        guard var picker = exportPicker else { return nil }
        let outcome = picker.handle(key)
        return take(outcome, of: picker)
    }

    private mutating func take(_ outcome: Picker.Outcome, of picker: Picker) -> [Request] {
        exportPicker = outcome == .open ? picker : nil
        if case .chosen(let choice) = outcome { return export(choice) }
        return []
    }

    private mutating func toggleLogScale() {
        let able = scaledPanels.filter(hasPositive)
        let isOn = able.allSatisfy(settings.logarithmic.contains)
        change { settings in
            if isOn { settings.logarithmic.subtract(able) } else { settings.logarithmic.formUnion(able) }
        }
    }

    // MARK: The cross-hair and the window

    private var lastShownStep: Double? {
        let series = reference
        let end = series.firstIndex(at: shownSteps.upperBound, on: .step, after: true)
        return end > 0 ? series.positions.steps[end - 1] : series.positions.steps.first
    }

    private mutating func moveCursor(_ action: AppAction) -> [Request] {
        let series = reference
        guard let cursor else { return [] }
        switch action {
        case .nextEvent, .previousEvent:
            let event = action == .nextEvent ? events.first { $0.step > cursor } : events.last { $0.step < cursor }
            guard let event else { return [.say(action == .nextEvent ? "Nothing more of note follows." : "Nothing of note came before.")] }
            view.cursor = event.step
            followCursor()
            return [.say("Step \(Int(event.step)): \(event.text).")]
        default: view.cursor = series.step(action, from: cursor) ?? cursor
        }
        followCursor()
        return []
    }

    /// Moves the window as far as the cross-hair needs.
    private mutating func followCursor() {
        if view.followCursor() { fitAnew() }
    }

    private mutating func zoom(by factor: Double, around place: Double? = nil) {
        view.zoom(by: factor, around: place, last: lastStep)
        fitAnew()
    }

    // MARK: The mouse

    /// A panel fills the screen, and comes back by its frame; in its plot, or where the cross-hair is on, that goes to the click.
    mutating func click(_ hit: Hit) -> [Request] {
        if var picker = exportPicker {
            let outcome = picker.click(hit)
            return take(outcome, of: picker)
        }
        switch hit {
        case .plot(let index, let share) where panels.indices.contains(index) && (cursor != nil || zoomed == panels[index]):
            view.cursor = step(at: share, of: panels[index])
        case .plot(let index, _) where panels.indices.contains(index), .panel(let index) where panels.indices.contains(index):
            zoomed = zoomed == panels[index] ? nil : panels[index]
        default: break
        }
        return []
    }

    /// Dragging takes the cross-hair along. The wheel moves it too, else it shows more or fewer steps of a panel in full.
    mutating func point(_ action: MouseEvent.Action, at hit: Hit?) -> [Request]? {
        guard exportPicker == nil else { return nil }
        var place: Double?
        if case .plot(let index, let share)? = hit, panels.indices.contains(index) { place = step(at: share, of: panels[index]) }
        switch action {
        case .drag(.left): if let place { view.cursor = place }
        case .wheelUp where cursor != nil: return moveCursor(.cursorLeft)
        case .wheelDown where cursor != nil: return moveCursor(.cursorRight)
        case .wheelUp where zoomed != nil: zoom(by: 0.8, around: place)
        case .wheelDown where zoomed != nil: zoom(by: 1.25, around: place)
        default: return nil
        }
        return []
    }

    private func step(at share: Double, of panel: LivePanel) -> Double? {
        let axis = settings.axis(of: panel)
        return reference.step(at: share, of: xRange(axis), on: axis)
    }
}
