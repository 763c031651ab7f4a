import Datasets
import Foundation
import NeuralNetworks
import TensorEngine

/// Trains one network as a plan says and tells what happens; runs on the thread that calls it.
///
/// Between steps the state is whole: it is saved there, a stop is seen there, and a resumed run goes on from there with
/// the same bits as one that never stopped.
package struct TrainingLoop {
    private let plan: RunPlan
    private let data: TrainingData
    private let network: TrainableNetwork
    private let directory: URL
    private let resumeFrom: URL?
    private let control: RunControl
    private let imageStore: DecodedImageStore?

    /// - Parameters:
    ///   - data: the images, their labels already those of the network's classes (`TrainingData.selecting`).
    ///   - directory: the run's folder; checkpoints go into `checkpoints/` below it, evaluations into `evaluations/`.
    ///   - resumeFrom: a checkpoint of the same plan and data to go on from.
    ///   - imageStore: decoded pictures on the disk, for data that does not fit into memory; nil keeps none there.
    package init(
        plan: RunPlan, data: TrainingData, network: TrainableNetwork, directory: URL, resumeFrom: URL? = nil, control: RunControl,
        imageStore: DecodedImageStore? = nil
    ) {
        self.plan = plan
        self.data = data
        self.network = network
        self.directory = directory
        self.resumeFrom = resumeFrom
        self.control = control
        self.imageStore = imageStore
    }

    /// Trains until the plan is fulfilled, a stop is asked for, or something fails. `emit` is called on this thread.
    package func run(emit: (RunEvent) -> Void) throws(TrainingError) -> RunResult {
        emit(.phase("preparing data"))
        // Loaders start before the priority is lowered, so that they keep the ordinary one: a late batch stops the engine.
        let loaders = LoaderPool()
        ProcessFigures.lowerThreadPriority()
        if let cores = plan.resources.cpu.flatMap(ResourceQuantity.parse) { ThreadPool.setThreads(max(1, Int(cores.rounded()))) }
        try data.check(task: plan.runform.taskType)
        let schedule = StepSchedule(plan: plan, trainImages: usableImages)
        switch (network, plan.runform.taskType) {
        case (.detector(let detector), .objectDetection):
            guard detector.classCount == data.labels.count else {
                throw .configuration("the network has \(detector.classCount) classes and the data \(data.labels.count) labels")
            }
            let task = DetectionTask(network: detector, plan: plan, data: data, totalEpochs: schedule.totalEpochs, loaders: loaders, imageStore: imageStore)
            return try session(task, schedule: schedule, loaders: loaders).run(emit: emit)
        case (.classifier(let classifier), .imageClassification):
            let task = ClassificationTask(network: classifier, plan: plan, data: data, loaders: loaders, imageStore: imageStore)
            return try session(task, schedule: schedule, loaders: loaders).run(emit: emit)
        default:
            throw .configuration("the network does not do \(plan.runform.taskType.rawValue)")
        }
    }

    private var usableImages: Int {
        plan.runform.taskType == .imageClassification ? data.train.count { !$0.annotations.isEmpty } : data.train.count
    }

    private func session<Task: TrainingTask>(_ task: Task, schedule: StepSchedule, loaders: LoaderPool) -> TrainingSession<Task> {
        TrainingSession(
            task: task, plan: plan, schedule: schedule, classCount: data.labels.count, trainImages: usableImages,
            checkpoints: directory.appendingPathComponent("checkpoints", isDirectory: true),
            evaluations: directory.appendingPathComponent("evaluations", isDirectory: true), resumeFrom: resumeFrom, control: control,
            loaders: loaders)
    }
}
