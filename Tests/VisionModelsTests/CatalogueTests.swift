import Foundation
import NeuralNetworks
import TensorEngine
import Testing
import VisionModels

@Suite struct CatalogueTests {
    /// Columns: task, name, label, size class, trainable parameters, memory in MB.
    @Test func publishedTableIsReproduced() throws {
        let url = try #require(Bundle.module.url(forResource: "architectures", withExtension: "tsv", subdirectory: "Goldens"))
        let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst()
            .map { $0.split(separator: "\t").map(String.init) }
        let published = Dictionary(uniqueKeysWithValues: rows.map { ($0[1], $0) })
        #expect(published.count == ArchitectureCatalogue.entries.count)
        for entry in ArchitectureCatalogue.entries {
            let row = try #require(published[entry.name])
            #expect(entry.task.rawValue == row[0])
            #expect(entry.architecture == row[2])
            #expect(entry.sizeClass.rawValue == row[3])
            #expect(entry.publishedSize.trainableParameters == Int(row[4]), "\(entry.name)")
            #expect(entry.publishedSize.memoryMB == Int(row[5]), "\(entry.name)")
            #expect(SizeClass(parameterCount: entry.publishedSize.trainableParameters) == entry.sizeClass)
        }
    }

    @Test func unknownNameListsNearNames() {
        #expect {
            try ArchitectureCatalogue.entry(named: "yolov8_nana")
        } throws: { error in
            (error as? UnknownArchitecture)?.nearest.first == "YOLOv8_nano" && "\(error)".contains("yolov8_nana")
        }
    }

    @Test func sameSeedGivesSameWeights() throws {
        let entry = try ArchitectureCatalogue.entry(named: "mobilenet_v3_small")
        let first = entry.makeClassifier(classes: 3, seed: 5).stateDictionary()
        #expect(first == entry.makeClassifier(classes: 3, seed: 5).stateDictionary())
        #expect(first != entry.makeClassifier(classes: 3, seed: 6).stateDictionary())
    }

    @Test func detectorStartsWithPublishedBiases() throws {
        let state = try ArchitectureCatalogue.entry(named: "YOLOv8_nano").makeDetector(classes: 10, seed: 1).stateDictionary()
        guard case .float32(let box) = try #require(state["model.22.cv2.0.2.bias"]).values,
            case .float32(let score) = try #require(state["model.22.cv3.0.2.bias"]).values
        else { return #expect(Bool(false)) }
        #expect(box.allSatisfy { $0 == 2 })
        #expect(score.allSatisfy { abs($0 - -9.4572) < 1e-4 })
    }
}
