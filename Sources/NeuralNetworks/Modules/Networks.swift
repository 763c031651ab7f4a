import TensorEngine

/// A network that assigns one class to an image.
package protocol ClassificationNetwork: Module {
    /// Images `[N, H, W, 3]` to logits `[N, K]`.
    func callAsFunction(_ images: Tensor) -> Tensor
    /// The same with the auxiliary heads that only training uses: the logits of every head, the main one first, and
    /// each head's weight in the loss.
    func trainingOutputs(_ images: Tensor) -> [(logits: Tensor, weight: Float)]
}

extension ClassificationNetwork {
    package func trainingOutputs(_ images: Tensor) -> [(logits: Tensor, weight: Float)] { [(self(images), 1)] }
}

/// A network that finds boxes, with distribution focal loss logits for the four sides (Li et al., 2020).
package protocol DetectionNetwork: Module {
    var classCount: Int { get }
    /// Pixels a cell of each level, finest first.
    var strides: [Int] { get }
    /// Images `[N, H, W, 3]`, sides multiples of the largest stride, to raw predictions.
    func callAsFunction(_ images: Tensor) -> DetectionOutput
}

/// A detector's raw predictions for A cells: over levels finest first, row by row within a level.
package struct DetectionOutput {
    /// Box side logits `[N, A, 4 · 16]`.
    package let boxes: Tensor
    /// Class logits `[N, A, K]`.
    package let scores: Tensor
    /// Cells and pixels a cell of each level.
    package let levels: [(height: Int, width: Int, stride: Int)]

    package init(boxes: Tensor, scores: Tensor, levels: [(height: Int, width: Int, stride: Int)]) {
        self.boxes = boxes
        self.scores = scores
        self.levels = levels
    }
}
