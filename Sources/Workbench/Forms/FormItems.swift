import Training

/// An entry of a list to choose from.
package struct FormItem: Sendable, Equatable {
    /// What the question takes as its answer.
    package let value: String
    package let title: String
    package let detail: String

    package init(value: String, title: String, detail: String = "") {
        self.value = value
        self.title = title
        self.detail = detail
    }
}

extension FormOffers {
    /// What a question can be answered with; empty for one that is typed.
    package func items(for question: FormQuestion) -> [FormItem] {
        switch question.kind {
        case .choice(let choices): choices.map { FormItem(value: $0.value, title: $0.title) }
        case .optional(.choice(let choices)):
            [FormItem(value: "", title: question.whenEmpty ?? "none")] + choices.map { FormItem(value: $0.value, title: $0.title) }
        case .several(let names): names.map { FormItem(value: $0, title: $0) }
        case .alternatives(let all): all.map { FormItem(value: $0.pointer, title: $0.title) }
        case .toggle: [FormItem(value: "on", title: "on"), FormItem(value: "off", title: "off")]
        case .labels:
            labelCounts.map { FormItem(value: $0.name, title: $0.name, detail: "\($0.trainCount) train, \($0.valCount) val") }
        case .dataset: datasets.map { FormItem(value: $0.id, title: $0.name, detail: "\($0.imageCount) images, \($0.labels.count) labels") }
        case .view(let side): (views[side] ?? []).map { FormItem(value: $0.id, title: $0.name, detail: "\($0.imageCount) images") }
        case .snapshot(let side):
            (snapshots[side] ?? []).map { FormItem(value: $0.id, title: $0.name, detail: "\($0.trainCount) train, \($0.valCount) val") }
        case .startModel:
            [FormItem(value: "", title: "Scratch", detail: "new weights")]
                + models.map { FormItem(value: $0.id, title: $0.name, detail: "\($0.architecture), version \($0.version)") }
        case .architecture:
            architectures.map { FormItem(value: $0.name, title: $0.title, detail: "\(Self.millions($0.parameters)), \($0.memoryMB) MB") }
        case .text, .integer, .number, .cores, .gibibytes, .tuple, .list, .optional: []
        }
    }

    /// A configuration's answer in the words of the list that it was chosen from.
    package func shown(_ question: FormQuestion, in configuration: RunConfiguration) -> String {
        switch question.kind {
        case .labels:
            let all = labelCounts.count, chosen = configuration.labels.count
            return chosen == 0 ? "all \(all)" : "\(chosen) of \(all): " + configuration.labels.joined(separator: ", ")
        case .several:
            let names = question.names(in: configuration)
            return names.isEmpty ? "none" : names.joined(separator: ", ")
        case .view(let side): return view(side)?.name ?? "none"
        case .dataset, .snapshot, .startModel, .architecture, .alternatives:
            let answer = question.answer(in: configuration)
            let found = items(for: question).first { $0.value == answer }?.title
            return found ?? (answer.isEmpty ? question.whenEmpty ?? "none" : answer)
        case .text, .integer, .number, .cores, .gibibytes, .toggle, .choice, .tuple, .list, .optional:
            let answer = question.answer(in: configuration)
            return answer.isEmpty || answer == "none" ? question.whenEmpty ?? answer : answer
        }
    }

    private static func millions(_ count: Int) -> String {
        let tenths = (count + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) M"
    }
}

extension RunConfiguration {
    /// Takes an entry of a list for a question; what depends on it follows.
    package mutating func choose(_ value: String, for question: FormQuestion, offers: FormOffers?) {
        if case .labels = question.kind { return }
        _ = take(value, for: question)
        func chooseArchitecture(_ name: String, size: Int?) {
            document.set(["runform", "model", "architecture"], .string(name))
            guard let size else { return }
            for side in ["height", "width"] { document.set(["runform", "model", "input_size", side], .integer(size)) }
        }
        switch question.kind {
        case .startModel:
            if let model = offers?.models.first(where: { $0.id == value }) { chooseArchitecture(model.architecture, size: model.imageSize) }
        case .architecture:
            chooseArchitecture(value, size: offers?.architectures.first { $0.name == value }?.imageSize)
            // Weights fit the architecture that they were trained as.
            if let start = startModel, offers?.models.first(where: { $0.id == start })?.architecture != value {
                set("/runform/model/weights", nil)
                set("/runform/model/freeze_backbone_epochs", .integer(0))
            }
        default: break
        }
    }

    /// Learns some labels only; all of them where every one is named.
    package mutating func choose(labels: [String], of all: [String]) {
        let wanted = Set(labels)
        document.set(["runform", "labels"], .array(wanted.count == all.count ? [] : all.filter(wanted.contains).map { .string($0) }))
    }
}

/// A configuration with what it began as.
package struct FormStart: Sendable, Equatable {
    package var configuration: RunConfiguration
    package var base: RunConfiguration

    package init(configuration: RunConfiguration, base: RunConfiguration) {
        self.configuration = configuration
        self.base = base
    }
}

extension WorkbenchService {
    /// The same form for another task or another training dataset: what was changed goes along as far as it fits.
    package func moved(_ start: FormStart, blueprint: String, task: TaskKind? = nil, dataset: String? = nil) throws -> FormStart {
        let base = try configuration(blueprint: blueprint, task: task, dataset: dataset)
        var moved = base
        if task == nil {
            moved = start.configuration.rebased(from: start.base, onto: base)
            let old = start.configuration
            // One dataset usually serves both sides, as long as the other side was not chosen apart.
            if old[.validation].datasetID != old[.train].datasetID { moved[.validation] = old[.validation] }
        } else {
            if start.configuration.name != start.base.name { moved.name = start.configuration.name }
            if start.configuration.version != start.base.version { moved.version = start.configuration.version }
        }
        return FormStart(configuration: moved, base: base)
    }
}
