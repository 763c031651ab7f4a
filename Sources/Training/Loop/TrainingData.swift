import Datasets
import NeuralNetworks

/// The images of a run, with the labels that its network's classes stand for.
package struct TrainingData: Sendable {
    /// Class i is `labels[i]`; annotations' label indices refer to this list.
    package var labels: [String]
    package var train: [DatasetItem]
    package var validation: [DatasetItem]

    package init(labels: [String], train: [DatasetItem], validation: [DatasetItem]) {
        self.labels = labels
        self.train = train
        self.validation = validation
    }

    /// The data with only the chosen labels, in their order; none chosen means all. Images that are left without any
    /// annotation stay when `negativeSamples` is true.
    package func selecting(labels chosen: [String], negativeSamples: Bool) -> TrainingData {
        let kept = chosen.isEmpty ? labels : chosen
        let places = Dictionary(kept.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        func select(_ items: [DatasetItem]) -> [DatasetItem] {
            items.compactMap { item in
                var result = item
                result.annotations = item.annotations.compactMap { annotation in
                    guard labels.indices.contains(annotation.label), let place = places[labels[annotation.label]] else { return nil }
                    var moved = annotation
                    moved.label = place
                    return moved
                }
                return result.annotations.isEmpty && !negativeSamples ? nil : result
            }
        }
        return TrainingData(labels: kept, train: select(train), validation: select(validation))
    }

    /// Refuses data that no run can learn from or measure itself on.
    func check(task: DatasetTask) throws(TrainingError) {
        func number(_ items: [DatasetItem]) -> Int {
            task == .imageClassification ? items.count { !$0.annotations.isEmpty } : items.count
        }
        let needed = DatasetRules.minimumImages
        guard !labels.isEmpty else { throw .data("the training data has no labels: choose at least one label") }
        guard number(train) >= needed else {
            throw .data("the training data has \(number(train)) usable images and at least \(needed) are needed: add images or choose more labels")
        }
        guard number(validation) > 0 else {
            throw .data("the validation data has no usable images: choose a snapshot with a validation split")
        }
        guard train.contains(where: { !$0.annotations.isEmpty }) else {
            throw .data("no training image has one of the chosen labels: choose other labels")
        }
    }
}

/// The network that a run trains.
package enum TrainableNetwork {
    case classifier(any ClassificationNetwork)
    case detector(any DetectionNetwork)

    package var module: Module {
        switch self {
        case .classifier(let network): network
        case .detector(let network): network
        }
    }
}
