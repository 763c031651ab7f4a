import TerminalKit
import Workbench

/// Validation images with what was found on them, and what is there.
struct PredictionsTab: RunTabModel {
    /// Pixels of the longer side that are asked for: enough for a large terminal's graphics.
    private static let side = 1024
    private static let thresholds: [Float] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]

    private(set) var index = 0
    private(set) var threshold = 4
    private(set) var showsTruth = true
    /// The picture of one file; nil while it is read.
    private(set) var picture: (file: String, picture: Picture)?
    private(set) var problem: (file: String, text: String)?
    private var asked: String?

    static func == (left: PredictionsTab, right: PredictionsTab) -> Bool {
        left.index == right.index && left.threshold == right.threshold && left.showsTruth == right.showsTruth && left.asked == right.asked
            && left.picture?.file == right.picture?.file && left.problem?.text == right.problem?.text
    }

    private func image(_ facts: RunPageFacts) -> EvaluatedImage? {
        guard let images = facts.evaluation.found?.findings.images, !images.isEmpty else { return nil }
        return images[min(index, images.count - 1)]
    }

    /// The file to read, once.
    mutating func wanted(_ facts: RunPageFacts) -> RunTabEffect? {
        guard let path = image(facts)?.path, asked != path else { return nil }
        asked = path
        return .picture(file: path, side: Self.side)
    }

    mutating func take(_ content: PictureContent, file: String) {
        guard file == asked else { return }
        guard let read = Picture(width: content.width, height: content.height, bytes: content.pixels) else { return fail("The picture is empty.", file: file) }
        picture = (file, read)
        problem = nil
    }

    mutating func fail(_ text: String, file: String) {
        if file == asked { problem = (file, text) }
    }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        guard facts.evaluation.found != nil else { return facts.evaluation.absence(facts.detail?.summary) }
        if action != .pageEvaluation, image(facts) == nil { return "The evaluation kept no image." }
        switch action {
        case .pageLess: return threshold == 0 ? "Everything that was kept is shown." : nil
        case .pageMore: return threshold == Self.thresholds.count - 1 ? "This is the highest." : nil
        default: return nil
        }
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        let count = facts.evaluation.found?.findings.images.count ?? 0
        var list = ListState()
        list.select(index, count: count)
        switch action {
        case .pageLeft: list.move(.up, count: count)
        case .pageRight: list.move(.down, count: count)
        case .pageLess: threshold = max(0, threshold - 1)
        case .pageMore: threshold = min(Self.thresholds.count - 1, threshold + 1)
        case .pageTruth: showsTruth.toggle()
        default: if let move = action.listMove { list.move(move, count: count) }
        }
        index = list.selectedIndex
        return wanted(facts).map { [.effect(.runTab($0))] } ?? []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [.range(.pageLeft, .pageRight, "image"), .action(.pageLess), .action(.pageMore), .action(.pageTruth), .action(.pageEvaluation)]
    }

    // MARK: Drawing

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        guard let findings = facts.evaluation.found?.findings else {
            return buffer.drawAbsence(facts.evaluation.absence(facts.detail?.summary), in: rect, appearance: appearance)
        }
        guard let image = image(facts) else {
            return buffer.drawAbsence("The evaluation kept no image.", in: rect, appearance: appearance)
        }
        let least = Self.thresholds[threshold]
        let found = image.predictions.filter { $0.confidence >= least }
        let number = min(index, findings.images.count - 1) + 1
        let note = "\(number) of \(findings.images.count)"
        let name = image.path.split(separator: "/").last.map(String.init) ?? image.path
        buffer.drawFrame(rect, title: name, note: note, noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 1, vertical: 1)
        // Beside the picture where there is room, else below it in one row.
        let listWidth = inner.width >= 70 ? min(34, inner.width / 3) : 0
        let area = listWidth > 0 ? inner.splitLeft(inner.width - listWidth - 1).left : inner.splitTop(inner.height - 1).top
        drawPicture(image, found: found, findings: findings, in: area, of: &buffer, appearance: appearance)
        if listWidth > 0 {
            drawList(
                image, found: found, least: least, findings: findings,
                in: Rect(x: inner.right - listWidth, y: inner.y, width: listWidth, height: inner.height), of: &buffer, context: context)
        } else {
            let text = summary(image, found: found, least: least, findings: findings)
            buffer.put(text.truncated(to: inner.width - 2), x: inner.x + 1, y: inner.bottom - 1, style: appearance.text)
        }
    }

    private func summary(_ image: EvaluatedImage, found: [EvaluatedImage.Prediction], least: Float, findings: EvaluationFindings) -> String {
        guard image.truths.allSatisfy({ $0.box == nil }), !image.truths.isEmpty || found.allSatisfy({ $0.box == nil }) else {
            return "\(found.count) found from \(Self.percent(least)), \(image.truths.count) in truth"
        }
        let best = image.predictions.first.map { "\(findings.name($0.label)) \(Self.percent($0.confidence))" } ?? "nothing"
        return "\(best), in truth \(image.truths.first.map { findings.name($0.label) } ?? "unknown")"
    }

    private func drawPicture(
        _ image: EvaluatedImage, found: [EvaluatedImage.Prediction], findings: EvaluationFindings, in rect: Rect, of buffer: inout CellBuffer,
        appearance: Appearance
    ) {
        guard let picture, picture.file == image.path else {
            let text = problem.flatMap { $0.file == image.path ? $0.text : nil } ?? "Reading the picture…"
            return buffer.drawAbsence(text, in: rect, appearance: appearance)
        }
        // Boxes are in pixels of the file, the picture may be smaller.
        let scale = Double(picture.picture.width) / Double(max(1, image.width))
        func box(_ corners: [Float], _ label: String, _ role: ThemeRole) -> PictureBox? {
            guard corners.count == 4 else { return nil }
            let places = corners.map { Double($0) * scale }
            return PictureBox(x: places[0], y: places[1], width: places[2] - places[0], height: places[3] - places[1], label: label, role: role)
        }
        var boxes = showsTruth ? image.truths.compactMap { truth in truth.box.flatMap { box($0, "", .success) } } : []
        // The most confident last, on top.
        boxes += found.reversed().compactMap { one in
            one.box.flatMap { box($0, "\(findings.name(one.label)) \(Self.percent(one.confidence))", Self.role(one.label)) }
        }
        ImageView.draw(picture.picture, boxes: boxes, in: rect, buffer: &buffer, appearance: appearance)
    }

    private func drawList(
        _ image: EvaluatedImage, found: [EvaluatedImage.Prediction], least: Float, findings: EvaluationFindings, in rect: Rect,
        of buffer: inout CellBuffer, context: ViewContext
    ) {
        let appearance = context.appearance, glyphs = context.glyphs
        var y = rect.y
        func line(_ text: String, _ style: Style) {
            guard y < rect.bottom else { return }
            buffer.put(text.truncated(to: rect.width - 1), x: rect.x, y: y, style: style)
            y += 1
        }
        let truthRows = showsTruth ? min(image.truths.count, max(2, rect.height / 3)) + 2 : 0
        line("found from \(Self.percent(least))", appearance.muted)
        if found.isEmpty { line("nothing", appearance.text) }
        let room = max(1, rect.height - truthRows - 2)
        let kept = found.count > room ? room - 1 : found.count
        for one in found.prefix(kept) {
            line("\(glyphs.checked) \(findings.name(one.label)) \(Self.percent(one.confidence))", appearance.style(Self.role(one.label)))
        }
        if found.count > kept { line("and \(found.count - kept) more", appearance.muted) }
        guard showsTruth else { return }
        y += 1
        line("truth", appearance.muted)
        if image.truths.isEmpty { line("nothing", appearance.text) }
        // Alike ones together: an image may hold hundreds.
        var counts: [(label: Int, count: Int)] = []
        for truth in image.truths {
            if let place = counts.firstIndex(where: { $0.label == truth.label }) { counts[place].count += 1 } else { counts.append((truth.label, 1)) }
        }
        for entry in counts {
            line("\(glyphs.unchecked) \(findings.name(entry.label))" + (entry.count > 1 ? " \(glyphs.times)\(entry.count)" : ""), appearance.style(.success))
        }
    }

    private static func percent(_ confidence: Float) -> String { "\(Int((confidence * 100).rounded())) %" }

    /// Colours go round; the label's name tells it apart. Green is the truth's.
    private static func role(_ label: Int) -> ThemeRole { [.seriesOne, .seriesTwo, .seriesFour, .information][max(0, label) % 4] }
}
