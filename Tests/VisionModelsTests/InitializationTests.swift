import NeuralNetworks
import TensorEngine
import Testing
import VisionModels

/// New weights have the distributions that torchvision draws them from.
@Suite struct InitializationTests {
    struct Expectation: CustomTestStringConvertible, Sendable {
        let architecture, key: String
        let deviation: Double
        /// The largest magnitude that can occur: a uniform distribution's bound; infinite for a normal one.
        var bound = Double.infinity

        var testDescription: String { "\(architecture) \(key)" }

        static func uniform(_ architecture: String, _ key: String, bound: Double) -> Self {
            Self(architecture: architecture, key: key, deviation: bound / 3.0.squareRoot(), bound: bound)
        }

        static func normal(_ architecture: String, _ key: String, _ deviation: Double) -> Self {
            Self(architecture: architecture, key: key, deviation: deviation)
        }
    }

    static let expectations: [Expectation] = [
        .uniform("alexnet", "features.3.weight", bound: 1 / 1600.0.squareRoot()),
        .uniform("alexnet", "classifier.4.bias", bound: 1 / 4096.0.squareRoot()),
        .normal("densenet121", "features.denseblock1.denselayer1.conv1.weight", (2 / 64.0).squareRoot()),
        .uniform("densenet121", "classifier.weight", bound: 1 / 1024.0.squareRoot()),
        .normal("densenet121", "classifier.bias", 0),
        .normal("googlenet", "inception4a.branch2.1.conv.weight", 0.01),
        .normal("googlenet", "aux1.fc1.weight", 0.01),
        .uniform("googlenet", "aux1.fc1.bias", bound: 1 / 2048.0.squareRoot()),
        .normal("inception_v3", "Mixed_6b.branch7x7_2.conv.weight", 0.1),
        .normal("inception_v3", "AuxLogits.fc.weight", 0.001),
        .normal("inception_v3", "fc.weight", 0.1),
        .normal("resnet18", "layer1.0.conv1.weight", (2 / 576.0).squareRoot()),
        .uniform("squeezenet1_1", "features.3.expand3x3.weight", bound: (6 / 144.0).squareRoot()),
        .normal("squeezenet1_1", "classifier.1.weight", 0.01),
        .normal("squeezenet1_1", "classifier.1.bias", 0),
        .normal("vgg11_bn", "features.8.weight", (2 / 2304.0).squareRoot()),
        .normal("vgg11_bn", "features.8.bias", 0),
        .normal("vgg11_bn", "classifier.3.weight", 0.01),
        .normal("vgg11_bn", "classifier.3.bias", 0),
    ]

    /// The deviation of n values is within five of its own standard errors.
    @Test func weightsStartAsInTorchvision() throws {
        for (name, rows) in Dictionary(grouping: Self.expectations, by: \.architecture) {
            let network = try ArchitectureCatalogue.entry(named: name).makeClassifier(classes: 10, seed: 1)
            let parameters = Dictionary(network.namedParameters().map { ($0.key, $0.parameter) }, uniquingKeysWith: { first, _ in first })
            for row in rows {
                let values = try #require(parameters[row.key], "\(row.testDescription)").value.array.map(Double.init)
                let found = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
                let error = 5 * row.deviation / (2 * Double(values.count)).squareRoot()
                #expect(abs(found - row.deviation) <= error, "\(row.testDescription): deviation \(found), expected \(row.deviation)")
                #expect(values.allSatisfy { abs($0) <= row.bound * 1.000001 }, "\(row.testDescription)")
            }
        }
    }
}
