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

    @Test(arguments: names, Variant.allCases)
    func matchesReference(name: String, variant: Variant) throws {
        if variant == .second, case .exactly = try ArchitectureCatalogue.entry(named: name).inputSize { return }
        let report = try run(probe("\(name).\(variant.rawValue)"))
        #expect(report.checks > 50)
        #expect(report.passed, "\(report.failures.count) of \(report.checks) failed: \(report.failures.prefix(5))")
    }

    @Test func changedProbeFails() throws {
        var probe = try probe("mobilenet_v3_small.eval")
        probe.outputs[0].first[0] *= 1.1
        probe.gradients[3].sumAbs *= 1.1
        probe.state[5].key += "x"
        let report = try run(probe)
        #expect(report.failures.count == 3, "\(report.failures.prefix(5))")
    }

    private func probe(_ name: String) throws -> ParityProbe {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json.gz", subdirectory: "Goldens"))
        return try ParityProbe(contentsOf: url)
    }

    private func run(_ probe: ParityProbe) throws -> ParityReport {
        let entry = try ArchitectureCatalogue.entry(named: probe.architecture)
        // The probe sets every weight, so none need be drawn.
        return switch WeightInitializer.$isSkipped.withValue(true, operation: { entry.makeNetwork(classes: probe.classes, seed: 1) }) {
        case .classifier(let network): probe.run(on: .classifier(network))
        case .detector(let network): probe.run(on: .detector(network))
        }
    }
}
