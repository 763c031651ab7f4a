import Catalog
import Datasets
import Foundation
import Training

extension Workbench {
    package func evaluation(run: String, _ choice: EvaluationChoice) throws -> RunEvaluation? {
        try withCatalog {
            let entries = try store.evaluations(run: store.run(run).id)
            let chosen =
                switch choice {
                case .newest: entries.last
                case .best: entries.last(where: \.isBest)
                }
            guard let chosen else { return nil }
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            do { return try decoder.decode(RunEvaluation.self, from: Data(contentsOf: URL(fileURLWithPath: chosen.path))) } catch {
                throw WorkbenchError(
                    .failed, "The evaluation in \(chosen.path) is gone or damaged; resume or rerun the run to have a new one.")
            }
        }
    }

    package func labelDistribution(run: String) throws -> [LabelCount] {
        try withCatalog {
            let form = try RunPlan.stored(Data(try store.run(run).configuration.utf8)).runform
            var counts = form.labels.map { LabelCount(name: $0, trainCount: 0, valCount: 0) }
            let places = Dictionary(form.labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let trained = Set(form.trainData.datasets.map(\.versionID))
            for reference in form.trainData.datasets {
                for stored in try store.snapshot(reference.versionID).labelCounts {
                    if let place = places[stored.name] { counts[place].trainCount += stored.train }
                }
            }
            for reference in form.valData.datasets {
                let snapshot = try store.snapshot(reference.versionID)
                // As the run takes it: a snapshot for validation alone without a validation split counts as a whole.
                let takesAll = snapshot.valCount == 0 && !trained.contains(snapshot.id)
                for stored in snapshot.labelCounts {
                    if let place = places[stored.name] { counts[place].valCount += takesAll ? stored.train + stored.val + stored.test : stored.val }
                }
            }
            return counts
        }
    }

    package func picture(file: String, side: Int) throws -> PictureContent {
        let image: RGBImage
        do { image = try ImageReader.read(URL(fileURLWithPath: file), reduction: ImageReduction(longestSide: side)) } catch {
            throw WorkbenchError(.failed, error.description)
        }
        let longest = max(image.width, image.height)
        guard longest > side else { return PictureContent(width: image.width, height: image.height, pixels: image.pixels) }
        func scaled(_ length: Int) -> Int { max(1, length * side / longest) }
        let small = ImageResampler.resize(image, width: scaled(image.width), height: scaled(image.height))
        return PictureContent(width: small.width, height: small.height, pixels: small.pixels)
    }

    package func log(run: String, after: Int64, count: Int) throws -> [LogLine] {
        guard after > 0 else { return try logTail(run: run, count: count) }
        return try Array(log(run: run, after: after).suffix(count))
    }

    // MARK: Checkpoints

    package func checkpointDetails(run: String) throws -> [CheckpointDetail] {
        try withCatalog {
            let record = try store.run(run)
            let tags = record.task == TaskKind.objectDetection.rawValue
                ? ["metrics/mAP50-95(B)", "metrics/mAP50(B)", "metrics/precision(B)", "metrics/recall(B)", "val/loss"]
                : ["metrics/accuracy_top1", "metrics/accuracy_top5", "val/loss"]
            let series = try tags.map { tag in
                let points = try store.metrics(run: record.id, tag: tag)
                return (tag, Dictionary(zip(points.steps.map { Int($0) }, points.values), uniquingKeysWith: { $1 }))
            }
            return try store.checkpoints(run: record.id).map { checkpoint in
                let size = try? FileManager.default.attributesOfItem(atPath: checkpoint.path)[.size] as? Int
                return CheckpointDetail(
                    checkpoint: CheckpointSummary(
                        path: checkpoint.path, step: checkpoint.step, epoch: checkpoint.epoch, kind: checkpoint.kind,
                        createdAt: checkpoint.createdAt), byteCount: size,
                    values: series.compactMap { tag, values in values[checkpoint.step].map { .init(tag: tag, value: $0) } })
            }
        }
    }

    package func exportCheckpoint(run: String, path: String, to file: String) throws {
        try withCatalog {
            let record = try store.run(run)
            try requireCheckpoint(path, of: record)
            let target = URL(fileURLWithPath: (file as NSString).expandingTildeInPath)
            guard !FileManager.default.fileExists(atPath: target.path) else {
                throw WorkbenchError(.conflict, "The file \(target.path) exists; choose another name.")
            }
            do {
                let publisher = ModelPublisher(store: store, home: home)
                let model = try publisher.model(of: record, name: record.name, identifier: CatalogStore.newIdentifier())
                try publisher.write(model, of: record, checkpoint: URL(fileURLWithPath: path), to: target)
            } catch { throw WorkbenchError(.failed, "The file \(target.path) cannot be written: \(error)") }
        }
    }

    package func makeModel(run: String, checkpoint path: String, name: String) throws -> String {
        try withCatalog {
            let record = try store.run(run)
            try requireCheckpoint(path, of: record)
            let trimmed = name.trimmingCharacters(in: .whitespaces)
            guard !trimmed.isEmpty else { throw WorkbenchError(.invalid, "The model has no name; type one.") }
            guard try !store.models().contains(where: { $0.name == trimmed && $0.runID == record.id }) else {
                throw WorkbenchError(.conflict, "The run has a model \"\(trimmed)\" already; choose another name.")
            }
            let publisher = ModelPublisher(store: store, home: home)
            let values = try checkpointDetails(run: record.id).last { $0.checkpoint.path == path }?.values ?? []
            let metrics = Dictionary(values.map { ($0.tag, $0.value) }, uniquingKeysWith: { $1 }).filter { $0.value.isFinite }
            var model = try publisher.model(of: record, name: trimmed, identifier: CatalogStore.newIdentifier())
            model.metrics = metrics
            try publisher.write(model, of: record, checkpoint: URL(fileURLWithPath: path), to: URL(fileURLWithPath: model.weightsPath))
            try store.save(model: model)
            return model.id
        }
    }

    private func requireCheckpoint(_ path: String, of run: RunRecord) throws {
        guard try store.checkpoints(run: run.id).contains(where: { $0.path == path }) else {
            throw WorkbenchError(.notFound, "The run \"\(run.name)\" has no checkpoint \(path); `trainyard runs show` lists them.")
        }
    }
}
