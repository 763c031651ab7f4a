import Foundation
import Workbench

/// A form as a conversation: a question a line, an answer a line.
struct PlainForm {
    let workbench: any WorkbenchService
    let blueprint: BlueprintSummary
    var start: FormStart
    /// The next line that was typed; nil at the end of the input.
    let read: () -> String?
    /// Writes a text, and ends the line or leaves it open for an answer.
    let write: (String, Bool) -> Void

    private var offers: FormOffers?
    private var views: [DataSide: String] = [:]

    init(
        workbench: any WorkbenchService, blueprint: BlueprintSummary, start: FormStart, read: @escaping () -> String?,
        write: @escaping (String, Bool) -> Void
    ) {
        self.workbench = workbench
        self.blueprint = blueprint
        self.start = start
        self.read = read
        self.write = write
    }

    private enum Answered { case taken, back, ended }

    private var pages: [FormPage] { blueprint.id == BlueprintSummary.quickStart.id ? FormPages.quickStart : FormPages.full }

    /// Asks everything; nil when the input ended or the person declined.
    mutating func fill(startsRun: Bool) throws -> RunConfiguration? {
        write("\(blueprint.title). An empty line keeps what stands in brackets, ? explains, < goes back, = takes the default again.", true)
        try look()
        var index = 0, page: FormPageID?
        while true {
            let all = questions()
            guard index < all.count else {
                switch try review(startsRun: startsRun) {
                case .taken: return start.configuration
                case .ended: return nil
                case .back:
                    index = all.count - 1
                    continue
                }
            }
            let (owner, question) = all[index]
            if owner.id != page {
                page = owner.id
                let number = (pages.firstIndex { $0.id == owner.id } ?? 0) + 1
                write("\nPage \(number) of \(pages.count): \(owner.title). \(owner.heading)", true)
            }
            switch try ask(question) {
            case .ended: return nil
            case .back: index = max(0, index - 1)
            case .taken: index = (questions().firstIndex { $0.1 == question } ?? index) + 1
            }
        }
    }

    private func questions() -> [(FormPage, FormQuestion)] {
        pages.flatMap { page in page.questions.filter { $0.condition.holds(in: start.configuration) }.map { (page, $0) } }
    }

    private mutating func look() throws {
        let found = try workbench.offers(for: start.configuration, views: views)
        start.configuration = found.configuration
        offers = found
    }

    private mutating func ask(_ question: FormQuestion) throws -> Answered {
        let items = offers?.items(for: question) ?? []
        while true {
            let unit = question.unit.isEmpty ? "" : ", \(question.unit)"
            let range = question.range.isEmpty ? "" : " (\(question.range))"
            let mark = question.isSame(start.configuration, start.base) ? "" : " changed"
            let shown = offers?.shown(question, in: start.configuration) ?? question.answer(in: start.configuration)
            write("\(question.title)\(unit)\(range) [\(shown)]\(mark): ", false)
            guard let line = read()?.trimmingCharacters(in: .whitespaces) else { return .ended }
            switch line {
            case "": return .taken
            case "<": return .back
            case "?": explain(question, items)
            case "=":
                start.configuration.reset(question, to: start.base)
                try look()
            default:
                if let problem = try take(line, for: question, items: items) { write("  \(line): \(problem).", true) } else { return .taken }
            }
        }
    }

    private func explain(_ question: FormQuestion, _ items: [FormItem]) {
        write("  \(question.help)", true)
        if let empty = question.whenEmpty, question.isTyped { write("  none stands for: \(empty)", true) }
        for (index, item) in items.enumerated() {
            write("  \(index + 1). \(item.title)\(item.detail.isEmpty ? "" : ", \(item.detail)")", true)
        }
    }

    /// Takes a typed answer: a value, an entry's name, or its number. Returns what is wrong with it.
    private mutating func take(_ line: String, for question: FormQuestion, items: [FormItem]) throws -> String? {
        func entry(_ text: String) -> FormItem? {
            items.first { $0.value == text || $0.title.lowercased() == text.lowercased() }
                ?? Int(text).flatMap { (1...max(1, items.count)).contains($0) && !items.isEmpty ? items[$0 - 1] : nil }
        }
        switch question.kind {
        case .labels, .several:
            let parts = line.split { $0 == "," }.map { $0.trimmingCharacters(in: .whitespaces) }
            let none = ["all", "none"].contains(line.lowercased())
            let found = none ? [] : parts.map(entry)
            if let index = found.firstIndex(of: nil) { return "there is no \"\(parts[index])\"; ? lists them" }
            let names = found.compactMap { $0?.value }
            if case .labels = question.kind {
                let all = items.map(\.value)
                start.configuration.choose(labels: none ? all : names, of: all)
            } else { start.configuration.take(names, for: question) }
        case .text, .integer, .number, .cores, .gibibytes, .tuple, .list, .optional:
            let isNone = question.whenEmpty != nil && line.lowercased() == "none"
            if let problem = start.configuration.take(isNone ? "" : entry(line)?.value ?? line, for: question) { return problem }
        case .toggle:
            if let problem = start.configuration.take(line, for: question) { return problem }
        case .choice, .alternatives, .dataset, .view, .snapshot, .startModel, .architecture:
            guard let chosen = entry(line) else { return "not one of the \(items.count); ? lists them" }
            try choose(chosen.value, for: question)
        }
        try look()
        return nil
    }

    private mutating func choose(_ value: String, for question: FormQuestion) throws {
        switch question.kind {
        case .view(let side): views[side] = value
        case .dataset(.train):
            views = [:]
            start = try workbench.moved(start, blueprint: blueprint.name, dataset: value)
        default:
            if question.id == "/runform/task_type", let task = TaskKind(rawValue: value), task != start.configuration.task {
                views = [:]
                start = try workbench.moved(start, blueprint: blueprint.name, task: task)
            } else {
                if case .dataset(let side) = question.kind { views[side] = nil }
                start.configuration.choose(value, for: question, offers: offers)
            }
        }
    }

    private mutating func review(startsRun: Bool) throws -> Answered {
        try look()
        write("\nPage \(pages.count) of \(pages.count): Review. Is this what you want?", true)
        let changed = FormPages.questions.filter {
            $0.condition.holds(in: start.configuration) && !$0.isSame(start.configuration, start.base)
        }
        if changed.isEmpty { write("Nothing differs from \(blueprint.title).", true) }
        for question in changed {
            let now = offers?.shown(question, in: start.configuration) ?? "", before = offers?.shown(question, in: start.base) ?? ""
            write("Changed: \(question.title): \(now); it was \(before).", true)
        }
        if let estimate = offers?.estimate {
            let time = estimate.seconds.map { ", about \(Output.duration($0))" } ?? ""
            write("\(estimate.totalSteps) steps, \(estimate.stepsPerEpoch) an epoch\(time), about \(ByteCount.text(estimate.peakMemoryBytes)) of memory.", true)
        }
        if let availability = offers?.availability { write(availability.message, true) }
        for problem in offers?.problems ?? [] { write("Wrong: \(problem.path): \(problem.message)", true) }
        let dataset = offers?.dataset(.train)?.name ?? start.configuration[.train].datasetID
        write("The same as a command:\n\(start.configuration.command(blueprint: blueprint.name, dataset: dataset, base: start.base))", true)
        let isFine = offers?.problems.isEmpty ?? false
        while true {
            write(!isFine ? "This cannot start yet; < goes back, n leaves: " : startsRun ? "Start training? [Y/n, < goes back]: " : "Print the configuration? [Y/n, < goes back]: ", false)
            guard let line = read()?.trimmingCharacters(in: .whitespaces).lowercased() else { return .ended }
            switch line {
            case "<": return .back
            case "n", "no": return .ended
            case "", "y", "yes": if isFine { return .taken }
            default: break
            }
        }
    }
}
