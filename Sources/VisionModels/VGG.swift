import NeuralNetworks
import TensorEngine

/// Plain stacks of 3×3 convolutions (Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition,
/// 2014), with or without batch norm, with torchvision's key names.
package final class VGG: Module, ClassificationNetwork {
    let features: Sequential
    let avgpool = AdaptiveAvgPool2d(7)
    let classifier: Sequential

    /// `depths` holds the number of convolutions in each of the five stages; a pool ends each stage.
    package init(depths: [Int], hasNorm: Bool, classes: Int, random: inout RandomSource) {
        var layers: [any UnaryLayer] = []
        var channels = 3
        for (depth, width) in zip(depths, [64, 128, 256, 512, 512]) {
            for _ in 0..<depth {
                layers.append(Conv2d(
                    channels, width, kernel: 3, padding: 1, initializer: .kaimingNormalFanOut, random: &random))
                if hasNorm { layers.append(BatchNorm2d(width)) }
                layers.append(ReLU())
                channels = width
            }
            layers.append(MaxPool2d(kernel: 2, stride: 2))
        }
        features = Sequential(layers)
        let side = avgpool.height, initializer = WeightInitializer.normal(standardDeviation: 0.01)
        classifier = Sequential([
            Linear(
                channels * side * side, 4096, layout: .flattened(channels: channels, height: side, width: side),
                initializer: initializer, random: &random),
            ReLU(),
            Dropout(0.5, random: &random),
            Linear(4096, 4096, initializer: initializer, random: &random),
            ReLU(),
            Dropout(0.5, random: &random),
            Linear(4096, classes, initializer: initializer, random: &random),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor { classifier(Tensor.flatten(avgpool(features(images)))) }
}

extension VGG {
    static let entries = [
        entries("vgg11", [1, 1, 2, 2, 2]),
        entries("vgg13", [2, 2, 2, 2, 2]),
        entries("vgg16", [2, 2, 3, 3, 3]),
        entries("vgg19", [2, 2, 4, 4, 4]),
    ].flatMap { $0 }

    /// The network without and with batch norm.
    private static func entries(_ name: String, _ depths: [Int]) -> [ArchitectureEntry] {
        [(name, false), ("\(name)_bn", true)].map { name, hasNorm in
            ArchitectureEntry(
                name: name, architecture: "\(name) (Torchvision)", sizeClass: .large, inputSize: .atLeast(32),
                paper: "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, 2014",
                builder: .classifier { VGG(depths: depths, hasNorm: hasNorm, classes: $0, random: &$1) })
        }
    }
}
