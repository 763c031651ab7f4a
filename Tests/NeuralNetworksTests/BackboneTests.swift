import NeuralNetworks
import TensorEngine
import Testing

/// Convolution, norm, an auxiliary head, a hidden layer with dropout, and the layer that decides.
private final class SmallNetwork: Module {
    let features: Sequential
    let aux1: Sequential
    let classifier: Sequential
    let constant = Parameter(.filled([2, 2], with: 3), requiresGradient: false)

    init(classes: Int, random: inout RandomSource) {
        features = Sequential([Conv2d(3, 4, kernel: 1, bias: false, random: &random), BatchNorm2d(4), ReLU()])
        aux1 = Sequential([Linear(4, 3, random: &random), Linear(3, classes, random: &random)])
        classifier = Sequential([Linear(4, 5, random: &random), Dropout(0.5, random: &random), Linear(5, classes, random: &random)])
    }

    func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(features(images))
        return classifier(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

@Suite struct BackboneTests {
    private func makeNetwork(classes: Int = 2) -> SmallNetwork {
        var random = RandomSource(seed: 4)
        return SmallNetwork(classes: classes, random: &random)
    }

    private func step(_ network: SmallNetwork, _ optimizer: any Optimizer) {
        optimizer.step {
            network.clearGradients()
            let tape = Tape()
            var random = RandomSource(seed: 8)
            let images = tape.input(Tensor((0..<2 * 3 * 3 * 3).map { _ in random.normal() }, shape: [2, 3, 3, 3]))
            let loss = Tensor.softmaxCrossEntropy(network(images), targets: [0, 1], labelSmoothing: 0)
            tape.backward(from: loss)
            return Double(loss.scalar)
        }
    }

    private func changed(_ network: SmallNetwork, since before: StateDictionary) -> Set<String> {
        Set(network.stateDictionary().entries.filter { before[$0.key] != $0 }.map(\.key))
    }

    @Test func theHeadIsTheLastLayerAndWhatIsAuxiliary() {
        #expect(makeNetwork().headPrefixes == ["classifier.2", "aux1"])
        #expect(Sequential([ReLU()]).headPrefixes == [])
    }

    @Test func aFrozenBackboneKeepsEveryBitAndComesBack() {
        let network = makeNetwork()
        let optimizer = AdamW([ParameterGroup(network.parameters, learningRate: 0.1, weightDecay: 0.1)])
        network.setBackboneFrozen(true)
        network.setBackboneFrozen(true)
        network.train()
        #expect(network.isBackboneFrozen)
        let before = network.stateDictionary()
        step(network, optimizer)
        #expect(changed(network, since: before) == ["classifier.2.weight", "classifier.2.bias"])
        // Norms keep their statistics, dropout of the head's neighbours still drops.
        let norm = network.features.layers[1], dropout = network.classifier.layers[1]
        #expect(!norm.isTraining && dropout.isTraining && network.classifier.isTraining)
        network.eval()
        #expect(network.modules().allSatisfy { !$0.isTraining })
        network.train()

        network.setBackboneFrozen(false)
        #expect(!network.isBackboneFrozen && norm.isTraining)
        #expect(!network.constant.requiresGradient)
        let released = network.stateDictionary()
        step(network, optimizer)
        #expect(changed(network, since: released).isSuperset(of: [
            "features.0.weight", "features.1.weight", "features.1.running_mean", "features.1.num_batches_tracked", "classifier.0.weight",
        ]))
        network.eval()
        network.setBackboneFrozen(true)
        network.setBackboneFrozen(false)
        #expect(!norm.isTraining)
    }

    @Test func aFrozenBackboneCostsItsForwardPassAlone() throws {
        let network = makeNetwork()
        network.eval()
        func headGradient() throws -> (values: [Float], kept: Int) {
            let tape = Tape()
            let images = tape.input(Tensor((0..<54).map { Float($0) / 27 - 1 }, shape: [2, 3, 3, 3]))
            let features = network.features(images)
            let kept = tape.savedBytes
            #expect(features.node?.needsGradient == !network.isBackboneFrozen)
            let logits = network.classifier(Tensor.reshape(Tensor.globalAveragePool(features), [2, 4]))
            #expect(logits.node?.needsGradient == true)
            tape.backward(from: Tensor.softmaxCrossEntropy(logits, targets: [0, 1], labelSmoothing: 0))
            defer { network.clearGradients() }
            #expect(network.parameters.allSatisfy { $0.requiresGradient || $0.gradient == nil })
            let head = try #require(network.namedParameters().first { $0.key == "classifier.2.weight" }?.parameter.gradient)
            return (head.array, kept)
        }
        let whole = try headGradient()
        network.setBackboneFrozen(true)
        let frozen = try headGradient()
        #expect(whole.kept > 0 && frozen.kept == 0)
        #expect(frozen.values == whole.values && frozen.values.contains { $0 != 0 })
    }

    // MARK: What fits

    private func fit(_ file: [StateSlot], classes: Int) -> StateFit {
        StateFit(file: file, network: makeNetwork(classes: classes).stateLayout, sized: makeNetwork(classes: 7).stateLayout)
    }

    @Test func aFileOfMoreClassesLosesItsHeadsOnly() {
        let file = makeNetwork(classes: 7).stateLayout
        let same = fit(file, classes: 7)
        #expect(same.isComplete && same.taken.count == file.count && same.replaced.isEmpty)
        let other = fit(file, classes: 2)
        #expect(other.isComplete && other.replaced.map(\.network.key) == ["aux1.1.weight", "aux1.1.bias", "classifier.2.weight", "classifier.2.bias"])
        #expect(other.replaced[2].network.shape == [2, 5] && other.replaced[2].file.shape == [7, 5])
    }

    @Test func everyOtherDifferenceIsListed() {
        var file = makeNetwork(classes: 7).stateLayout
        file.removeAll { $0.key.hasPrefix("aux1") || $0.key.hasSuffix("num_batches_tracked") || $0.key == "classifier.0.bias" }
        file.append(StateSlot(key: "extra.weight", shape: [1], isInteger: false))
        for (index, slot) in file.enumerated() {
            if slot.key == "features.0.weight" { file[index] = StateSlot(key: slot.key, shape: [4, 4, 1, 1], isInteger: false) }
            if slot.key == "features.1.bias" { file[index] = StateSlot(key: slot.key, shape: slot.shape, isInteger: true) }
        }
        let result = fit(file, classes: 7)
        #expect(!result.isComplete && result.missing == ["classifier.0.bias"] && result.unused == ["extra.weight"])
        #expect(result.different.map(\.network.key) == ["features.0.weight", "features.1.bias"])
        #expect(result.uncounted == ["features.1.num_batches_tracked"] && result.freshAuxiliary.count == 4 && result.unusedAuxiliary.isEmpty)
        // A head whose inputs differ as well is another network's.
        let wide = [StateSlot(key: "classifier.2.weight", shape: [7, 6], isInteger: false)]
        #expect(fit(wide, classes: 2).different.map(\.network.key) == ["classifier.2.weight"])
        let auxiliary = makeNetwork(classes: 7).stateLayout, plain = auxiliary.filter { !$0.key.hasPrefix("aux1") }
        let without = StateFit(file: auxiliary, network: plain, sized: plain)
        #expect(without.isComplete && without.unusedAuxiliary.count == 4)
    }
}
