import NeuralNetworks
import TensorEngine
import TestSupport
import Testing

private final class Block: Module, UnaryLayer {
    let child: Linear
    let scale = Parameter(.filled([2], with: 1))
    let table = Buffer(.zeros([3]))
    let absent: Linear? = nil
    let list: Sequential

    init(random: inout RandomSource) {
        child = Linear(2, 2, random: &random)
        list = Sequential([Conv2d(2, 4, kernel: 3, bias: false, random: &random), BatchNorm2d(4), ReLU(), Dropout(0.5, random: &random),
            Conv2d(4, 1, kernel: 1, random: &random)])
    }

    func callAsFunction(_ x: Tensor) -> Tensor { x }
}

@Suite struct ModuleTests {
    private func makeBlock(seed: UInt64 = 1) -> Block {
        var random = RandomSource(seed: seed)
        return Block(random: &random)
    }

    /// torch: own parameters, own buffers, children; layers without parameters take a number.
    @Test func keysFollowTorch() {
        #expect(makeBlock().stateDictionary().entries.map(\.key) == [
            "scale", "table", "child.weight", "child.bias", "list.0.weight", "list.1.weight", "list.1.bias",
            "list.1.running_mean", "list.1.running_var", "list.1.num_batches_tracked", "list.4.weight", "list.4.bias",
        ])
    }

    /// torch flattens an image channel by channel, the engine pixel by pixel: only the weight's order differs.
    @Test func weightOverFlattenedImagesIsInTorchOrder() throws {
        let (channels, height, width) = (3, 2, 4)
        var random = RandomSource(seed: 8)
        let layer = Linear(
            channels * height * width, 5, layout: .flattened(channels: channels, height: height, width: width), random: &random)
        let images = Tensor.random([2, height, width, channels], seed: 3)
        let tape = Tape()
        let result = layer(Tensor.flatten(tape.input(images)))
        tape.backward(from: [(result, .random(result.shape, seed: 4))])
        #expect(layer.weight.torchShape == [5, 24])
        let weights = layer.weight.torchValues, gradients = try #require(layer.weight.torchGradient)
        let pixels = images.array, slopes = Tensor.random(result.shape, seed: 4).array, outputs = result.array
        let biases = try #require(layer.bias).value.array
        for o in 0..<5 {
            var sums = [biases[o], biases[o]]
            for index in 0..<24 {
                let (c, h, w) = (index / 8, index / 4 % 2, index % 4)
                let values = (0..<2).map { pixels[(($0 * height + h) * width + w) * channels + c] }
                for n in 0..<2 { sums[n] += values[n] * weights[o * 24 + index] }
                #expect(abs(gradients[o * 24 + index] - (values[0] * slopes[o] + values[1] * slopes[5 + o])) < 1e-5)
            }
            for n in 0..<2 { #expect(abs(outputs[n * 5 + o] - sums[n]) < 1e-5) }
        }
        let before = layer.weight.value.array
        layer.weight.assign(torchValues: weights)
        #expect(layer.weight.value.array == before)
    }

    @Test func stateIsInTorchLayoutAndLoadsBack() throws {
        let block = makeBlock()
        let state = block.stateDictionary()
        let entry = try #require(state["list.0.weight"])
        #expect(entry.shape == [4, 2, 3, 3])
        let convolution = try #require(block.namedParameters().first { $0.key == "list.0.weight" }).parameter
        guard case .float32(let values) = entry.values else { return #expect(Bool(false)) }
        // torch [o=1, i=1, y=2, x=0] is engine [1, 2, 0, 1].
        let inTorch = 18 * 1 + 9 * 1 + 3 * 2, inEngine = 18 * 1 + 6 * 2 + 1
        #expect(values[inTorch] == convolution.value.array[inEngine])
        let other = makeBlock(seed: 2)
        #expect(other.stateDictionary() != state)
        try other.load(state)
        #expect(other.stateDictionary() == state)
    }

    @Test func strictLoadingChangesNothingOnError() throws {
        let block = makeBlock()
        let before = block.stateDictionary()
        var state = makeBlock(seed: 2).stateDictionary()
        state.entries[2].shape = [4, 1]
        #expect(throws: StateLoadingError.shapeDiffers(key: "child.weight", expected: [2, 2], found: [4, 1])) { try block.load(state) }
        #expect(block.stateDictionary() == before)
        state.entries[3].key = "child.other"
        #expect(throws: StateLoadingError.keysDiffer(missing: ["child.bias"], unexpected: ["child.other"])) { try block.load(state) }
        let report = try block.load(state, strict: false)
        #expect(report.mismatched == ["child.weight"] && report.missing == ["child.bias"] && report.loaded.count == 10)
    }

    /// A table that the network is built with is saved, and must be the same when it comes back.
    @Test func indexBufferIsSavedAndCompared() throws {
        final class Looked: Module { let index = IndexBuffer([2, 0, 1]) }
        let module = Looked()
        var state = module.stateDictionary()
        #expect(state.entries == [StateDictionary.Entry(key: "index", shape: [3], values: .int64([2, 0, 1]))])
        #expect(module.stateByteCount == 24)
        try module.load(state)
        state.entries[0].values = .int64([2, 0, 7])
        #expect(throws: StateLoadingError.constantDiffers(key: "index")) { try module.load(state) }
        state.entries[0].values = .float32([2, 0, 1])
        #expect(throws: StateLoadingError.typeDiffers(key: "index", expected: "int64", found: "float32")) { try module.load(state) }
    }

    @Test func modeReachesEveryLayer() {
        let block = makeBlock()
        block.eval()
        #expect(block.modules().count == 8 && block.modules().allSatisfy { !$0.isTraining })
        block.train()
        #expect(block.modules().allSatisfy { $0.isTraining })
    }
}
