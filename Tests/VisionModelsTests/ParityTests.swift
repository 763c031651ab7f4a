import Foundation
import ModelFiles
import NeuralNetworks
import Testing
import VisionModels

/// Every architecture against its reference probes, made by Tests/Oracles/make_probes.py.
@Suite(.serialized) struct ParityTests {
    /// The probes of one architecture: both modes at its first size, and training at another that is not square.
    enum Variant: String, CaseIterable { case train, eval, second = "train-2" }

    static let names = ArchitectureCatalogue.entries.map(\.name)

    /// One network runs all probes of its architecture: those of the same seed and classes differ in nothing but what they do with it.
    @Test(arguments: names)
    func matchesReference(name: String) throws {
        let entry = try ArchitectureCatalogue.entry(named: name)
        var filled: (network: ProbedNetwork, seed: UInt64, classes: Int)?
        for variant in Variant.allCases {
            if variant == .second, case .exactly = entry.inputSize { continue }
            let probe = try probe("\(name).\(variant.rawValue)")
            let isFilled = filled.map { $0.seed == probe.seed && $0.classes == probe.classes } ?? false
            let network = if isFilled, let filled { filled.network } else { unset(entry, classes: probe.classes) }
            let report = probe.run(on: network, hasParameters: isFilled)
            filled = (network, probe.seed, probe.classes)
            #expect(report.checks > 50)
            #expect(report.passed, "\(variant): \(report.failures.count) of \(report.checks) failed: \(report.failures.prefix(5))")
        }
    }

    @Test func changedProbeFails() throws {
        var probe = try probe("mobilenet_v3_small.eval")
        probe.outputs[0].first[0] *= 1.1
        probe.gradients[3].sumAbs *= 1.1
        probe.state[5].key += "x"
        let report = probe.run(on: unset(try ArchitectureCatalogue.entry(named: probe.architecture), classes: probe.classes))
        #expect(report.failures.count == 3, "\(report.failures.prefix(5))")
    }

    private func probe(_ name: String) throws -> ParityProbe {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json.gz", subdirectory: "Goldens"))
        return try ParityProbe(contentsOf: url)
    }

    /// A network whose values are still to be set.
    private func unset(_ entry: ArchitectureEntry, classes: Int) -> ProbedNetwork {
        switch WeightInitializer.$isSkipped.withValue(true, operation: { entry.makeNetwork(classes: classes, seed: 1) }) {
        case .classifier(let network): .classifier(network)
        case .detector(let network): .detector(network)
        }
    }
}
