import Workbench

/// What a form begins from.
enum FormOrigin: Equatable, Sendable {
    case blueprint(BlueprintSummary)
    /// A further version of this blueprint is made, and no run.
    case editing(BlueprintSummary)
    /// A run's configuration, as another run.
    case run(id: String)
    /// The same, to be saved as a blueprint at once.
    case saving(run: String)
}

/// What forms and the list of blueprints ask the workbench.
enum FormEffect: ServiceEffect {
    case begin(FormOrigin)
    case move(FormStart, blueprint: String, task: TaskKind?, dataset: String?)
    case look(RunConfiguration, views: [DataSide: String])
    case importWeights(file: String, TaskKind)
    case measure(RunConfiguration)
    case submit(RunConfiguration)
    case makeView(DataSide, dataset: String, name: String, labels: [String], split: String?)
    case makeSnapshot(DataSide, view: String, name: String?, SplitAssignment)
    case saveBlueprint(String, RunConfiguration)
    /// Gives up what was typed as JSON; asked for by a dialog.
    case dropText
    case loadBlueprints
    case renameBlueprint(String, to: String)
    case removeBlueprint(String)

    var isSlow: Bool {
        switch self {
        case .look, .loadBlueprints, .dropText: false
        default: true
        }
    }

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .begin(let origin): return .form(try Self.begin(origin, service: service))
        case .move(let start, let blueprint, let task, let dataset):
            return .form(.moved(try service.moved(start, blueprint: blueprint, task: task, dataset: dataset)))
        case .look(let configuration, let views): return .form(.offers(try service.offers(for: configuration, views: views)))
        case .importWeights(let file, let task): return .form(.imported(try service.importModel(ModelImportRequest(file: file, task: task))))
        case .measure(let configuration): return .form(.measured(try service.measuredEstimate(configuration), configuration))
        case .submit(let configuration): return .form(.submitted(id: try service.submit(configuration), name: configuration.name))
        case .makeView(let side, let dataset, let name, let labels, let split):
            let view = try service.makeView(dataset: dataset, name: name, labels: labels, split: split)
            // A view is of use once it is frozen.
            return .form(.madeSnapshot(side, view, try service.makeSnapshot(view: view.id, name: nil, splits: .given)))
        case .makeSnapshot(let side, let view, let name, let splits):
            return .form(.madeSnapshot(side, nil, try service.makeSnapshot(view: view, name: name, splits: splits)))
        case .saveBlueprint(let name, let configuration): return .form(.saved(try service.saveBlueprint(name, from: configuration)))
        case .dropText: return .form(.droppedText)
        case .loadBlueprints: return .form(.blueprints(try service.blueprints()))
        case .renameBlueprint(let name, let new):
            try service.renameBlueprint(name, to: new)
            return .done("The blueprint is called \(new) now.")
        case .removeBlueprint(let name):
            try service.removeBlueprint(name)
            return .done("Removed the blueprint \(name).")
        }
    }

    private static func begin(_ origin: FormOrigin, service: any WorkbenchService) throws -> FormAnswer {
        switch origin {
        case .blueprint(let blueprint):
            let start = try service.configuration(blueprint: blueprint.name, task: nil, dataset: nil)
            return .began(FormModel(blueprint: blueprint, start: FormStart(configuration: start, base: start)))
        case .editing(let blueprint):
            let start = try service.configuration(blueprint: blueprint.name, task: nil, dataset: nil)
            return .began(FormModel(blueprint: blueprint, purpose: .blueprint(blueprint.name), start: FormStart(configuration: start, base: start)))
        case .run(let id): return .began(try form(ofRun: id, service: service))
        case .saving(let id):
            var form = try form(ofRun: id, service: service)
            form.askForName(form.configuration.name)
            return .began(form)
        }
    }

    private static func form(ofRun id: String, service: any WorkbenchService) throws -> FormModel {
        let configuration = try service.configuration(run: id)
        let base = try service.configuration(blueprint: BlueprintSummary.full.name, task: nil, dataset: configuration[.train].datasetID)
        return FormModel(blueprint: .full, start: FormStart(configuration: configuration, base: base))
    }
}

enum FormAnswer: Equatable, Sendable {
    case began(FormModel)
    case moved(FormStart)
    case offers(FormOffers)
    case imported(ModelImportReport)
    case measured(RunEstimate, RunConfiguration)
    case submitted(id: String, name: String)
    /// A snapshot, and its view where that was made as well.
    case madeSnapshot(DataSide, ViewSummary?, SnapshotSummary)
    case saved(BlueprintSummary)
    case blueprints([BlueprintSummary])
    case droppedText
    /// What another program made of the JSON.
    case edited(String)
}
