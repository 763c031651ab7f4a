import Workbench

/// A row of a page.
enum FormRow: Equatable, Sendable {
    case heading(String)
    case field(FormFocus)
    case note(String)
    case gap
}

extension FormModel {
    /// The rows of the open page, without the button below them.
    var rows: [FormRow] {
        switch pageID {
        case .labels: labelRows
        case .review: reviewRows
        default: sectionRows
        }
    }

    /// What can have the focus on the open page, in order.
    var focuses: [FormFocus] {
        rows.compactMap { if case .field(let focus) = $0 { focus } else { nil } } + [.proceed]
    }

    private var sectionRows: [FormRow] {
        var rows: [FormRow] = []
        for section in page.sections {
            let questions = section.questions.filter { $0.condition.holds(in: configuration) }
            guard !questions.isEmpty else { continue }
            if !rows.isEmpty { rows.append(.gap) }
            if !section.title.isEmpty { rows.append(.heading(section.title)) }
            for question in questions { rows += self.rows(for: question) }
        }
        if pageID == .resources { rows += [.gap, .field(.showLimits), .field(.measure)] }
        return rows
    }

    private func rows(for question: FormQuestion) -> [FormRow] {
        let row = FormRow.field(.question(question.id))
        switch question.kind {
        case .snapshot(let side):
            let further = configuration[side].furtherCount
            return [row, .field(.makeData(side))] + (further > 0 ? [.note("and \(further) more in the JSON")] : [])
        case .startModel: return [row, .field(.weightsFile)]
        case .architecture where isQuick:
            let usual = offers?.usualArchitectures ?? []
            let isOther = !usual.contains { $0.name == configuration.architecture }
            return [.heading("Architecture")] + usual.map { .field(.architecture($0.name)) }
                + (isOther && !usual.isEmpty ? [.note("Chosen: \(configuration.architecture)")] : [])
        default: return [row]
        }
    }

    private var labelRows: [FormRow] { (offers?.labelCounts ?? []).map { .field(.label($0.name)) } }

    private var reviewRows: [FormRow] {
        let changed = differences
        let title = changed.isEmpty ? "Nothing differs from \(blueprint.title)" : "Differs from \(blueprint.title)"
        return [.heading(title)] + changed.map { .field(.difference($0.id)) } + [.gap]
            + pages.dropLast().map { .field(.page($0.id)) } + [.gap, .field(.saveBlueprint), .field(.editJSON), .field(.copyCommand), .field(.copyJSON)]
    }

    /// The command that starts the same run.
    var command: String {
        let dataset = offers?.dataset(.train)?.name ?? configuration[.train].datasetID
        return configuration.command(blueprint: blueprint.name, dataset: dataset, base: start.base)
    }

    /// A page's answers on one line.
    func summary(of page: FormPageID) -> String {
        guard let offers else { return "not read yet" }
        func shown(_ id: String) -> String { question(id).map { offers.shown($0, in: configuration) } ?? "" }
        switch page {
        case .dataType: return isQuick ? "\(configuration.name) \(configuration.version), \(configuration.task.rawValue)" : configuration.task.rawValue
        case .general: return "\(configuration.name) \(configuration.version)"
        case .data:
            return "\(offers.dataset(.train)?.name ?? "none"), \(offers.snapshot(.train)?.trainCount ?? 0) train, \(offers.snapshot(.validation)?.valCount ?? 0) val"
        case .labels: return shown("/runform/labels")
        case .model:
            let start = shown("/runform/model/weights")
            let title = shown("/runform/model/architecture")
            return "\(title), \(configuration.startModel == nil ? "from scratch" : "from \(start)"), \(configuration.imageSize) pixels"
        case .length, .training:
            let unit = configuration.epochs.map { "\($0) epochs" } ?? configuration.steps.map { "\($0) steps" } ?? "no length"
            return unit + (estimate.map { ", \($0.0.stepsPerEpoch) steps an epoch" } ?? "")
        case .trainData, .validationData:
            let pointer = page == .trainData ? "/runform/train_data" : "/runform/val_data"
            return "batches of \(shown(pointer + "/batch_size"))"
        case .optimizer: return "\(shown("/runform/optimizer/name")), \(shown("/runform/schedule/name")) schedule"
        case .augmentation, .preprocessing:
            let changed = differences.count { self.page(of: $0.id) == page }
            return changed == 0 ? "as usual" : changed == 1 ? "one setting changed" : "\(changed) settings changed"
        case .resources: return "\(shown("/resources/cpu")) cores, \(shown("/resources/memory")) GiB"
        case .review: return ""
        }
    }
}
