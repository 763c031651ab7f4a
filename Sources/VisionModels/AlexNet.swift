import NeuralNetworks
import TensorEngine

/// AlexNet in its version for one device (Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014)
/// with torchvision's key names.
package final class AlexNet: Module, ClassificationNetwork {
    let features: Sequential
    let avgpool = AdaptiveAvgPool2d(6)
    let classifier: Sequential

    package init(classes: Int, random: inout RandomSource) {
        features = Sequential([
            Conv2d(3, 64, kernel: 11, stride: 4, padding: 2, random: &random), ReLU(),
            MaxPool2d(kernel: 3, stride: 2),
            Conv2d(64, 192, kernel: 5, padding: 2, random: &random), ReLU(),
            MaxPool2d(kernel: 3, stride: 2),
            Conv2d(192, 384, kernel: 3, padding: 1, random: &random), ReLU(),
            Conv2d(384, 256, kernel: 3, padding: 1, random: &random), ReLU(),
            Conv2d(256, 256, kernel: 3, padding: 1, random: &random), ReLU(),
            MaxPool2d(kernel: 3, stride: 2),
        ])
        let side = avgpool.height
        classifier = Sequential([
            Dropout(0.5, random: &random),
            Linear(256 * side * side, 4096, layout: .flattened(channels: 256, height: side, width: side), random: &random), ReLU(),
            Dropout(0.5, random: &random),
            Linear(4096, 4096, random: &random), ReLU(),
            Linear(4096, classes, random: &random),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor { classifier(Tensor.flatten(avgpool(features(images)))) }
}

extension AlexNet {
    static let entries = [
        ArchitectureEntry(
            name: "alexnet", architecture: "alexnet (Torchvision)", sizeClass: .large, inputSize: .atLeast(63),
            paper: "Krizhevsky: One weird trick for parallelizing convolutional neural networks, 2014",
            builder: .classifier { AlexNet(classes: $0, random: &$1) })
    ]
}
