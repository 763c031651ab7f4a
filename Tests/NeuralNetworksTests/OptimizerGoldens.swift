import Foundation
import NeuralNetworks
import TensorEngine
import Testing

/// The problem of Tests/Oracles/make_optimizer_goldens.py: separable, curved, with a slope that changes from step to step.
struct GoldenProblem {
    /// torch's order of elements and dimensions; convolutions are kept in the engine's.
    struct Member {
        let parameter: Parameter
        let order: [Int]
        let curves, centres: [Double]
    }

    let members: [Member]
    let isNoisy: Bool

    init(shapes: [[Int]], isNoisy: Bool) {
        self.isNoisy = isNoisy
        members = shapes.enumerated().map { index, shape in
            let count = shape.reduce(1, *)
            let order = Self.order(shape)
            var start = [Float](repeating: 0, count: count)
            for (place, value) in zip(order, Self.fill("\(index).start", count: count)) { start[place] = Float(value) }
            let isConvolution = shape.count == 4
            let stored = isConvolution ? Shape([shape[0], shape[2], shape[3], shape[1]]) : Shape(shape)
            return Member(
                parameter: Parameter(Tensor(start, shape: stored), layout: isConvolution ? .convolution : .plain), order: order,
                curves: Self.fill("\(index).curve", count: count).map { 1 + $0 / 2 }, centres: Self.fill("\(index).centre", count: count))
        }
    }

    var parameters: [Parameter] { members.map(\.parameter) }

    /// Where torch's element i lies here.
    private static func order(_ shape: [Int]) -> [Int] {
        guard shape.count == 4 else { return Array(0..<shape.reduce(1, *)) }
        let (outputs, inputs, height, width) = (shape[0], shape[1], shape[2], shape[3])
        return (0..<outputs * inputs * height * width).map { index in
            let x = index % width, y = index / width % height, i = index / (width * height) % inputs, o = index / (width * height * inputs)
            return ((o * height + y) * width + x) * inputs + i
        }
    }

    private static func fill(_ key: String, count: Int) -> [Double] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var random = RandomSource(seed: hash)
        return (0..<count).map { _ in Double(random.next() >> 40) * 0x1p-23 - 1 }
    }

    /// Gathers the gradients of step `step`, from 1, and gives the loss.
    func evaluate(step: Int) -> Double {
        var loss = 0.0
        for (index, member) in members.enumerated() {
            let values = member.parameter.value.array
            var gradient = [Float](repeating: 0, count: values.count)
            for (i, place) in member.order.enumerated() {
                let x = Double(values[place]), distance = x - member.centres[i]
                let noise = isNoisy ? 0.5 * sin(Double(7 * step + i + index)) : 0
                gradient[place] = Float(member.curves[i] * distance - 0.3 * sin(3 * x) + noise)
                loss += member.curves[i] * distance * distance / 2 + cos(3 * x) / 10
            }
            member.parameter.clearGradient()
            member.parameter.accumulateGradient(Tensor(gradient, shape: member.parameter.shape))
        }
        return loss
    }

    /// All values in torch's order.
    var values: [Float] {
        members.flatMap { member in
            let values = member.parameter.value.array
            return member.order.map { values[$0] }
        }
    }
}

struct OptimizerGolden: Decodable, CustomTestStringConvertible {
    let configuration: OptimizerConfiguration
    let values: [Int: [Float]]
    var testDescription: String { "\(configuration.options)" }

    private enum CodingKeys: String, CodingKey { case values }

    init(from decoder: any Decoder) throws {
        configuration = try OptimizerConfiguration(from: decoder)
        let named = try decoder.container(keyedBy: CodingKeys.self).decode([String: [Float]].self, forKey: .values)
        values = Dictionary(uniqueKeysWithValues: named.compactMap { key, value in Int(key).map { ($0, value) } })
    }

    func problem() -> GoldenProblem {
        GoldenProblem(
            shapes: configuration.name == .muon ? [[4, 3], [3, 4], [5, 5]] : [[4, 3], [3], [2, 2, 2, 2]],
            isNoisy: configuration.name != .lbfgs)
    }

    static func load() throws -> [OptimizerGolden] {
        let url = try #require(Bundle.module.url(forResource: "optimizers", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode([OptimizerGolden].self, from: Data(contentsOf: url))
    }
}

@Suite struct OptimizerGoldenTests {
    @Test func everyRuleIsCovered() throws {
        let covered = Set(try OptimizerGolden.load().map(\.configuration.name))
        #expect(covered == Set(OptimizerName.allCases))
    }

    /// Twenty steps within 1e-5 of torch's, relative to the largest value.
    @Test func stepsEqualTorch() throws {
        for golden in try OptimizerGolden.load() {
            let problem = golden.problem()
            let optimizer = golden.configuration.makeOptimizer([golden.configuration.group(problem.parameters)])
            for step in 1...20 {
                optimizer.step { problem.evaluate(step: step) }
                guard let expected = golden.values[step] else { continue }
                let scale = expected.reduce(0) { max($0, abs($1)) }
                let error = zip(problem.values, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / scale
                #expect(error <= 1e-5, "\(golden.configuration.name) \(golden.configuration.options) step \(step): \(error)")
            }
        }
    }

    /// Interrupted after any step, exported and imported into a fresh optimiser, training ends with the same bits.
    @Test func resumedStepsAreTheSameBits() throws {
        for golden in try OptimizerGolden.load() {
            let configuration = golden.configuration
            let whole = golden.problem(), broken = golden.problem()
            let optimizer = configuration.makeOptimizer([configuration.group(whole.parameters)])
            var resumed = configuration.makeOptimizer([configuration.group(broken.parameters)])
            for step in 1...8 {
                optimizer.step { whole.evaluate(step: step) }
                resumed.step { broken.evaluate(step: step) }
                let fresh = configuration.makeOptimizer([configuration.group(broken.parameters)])
                try fresh.importState(resumed.exportState())
                #expect(fresh.exportState() == resumed.exportState())
                resumed = fresh
            }
            #expect(whole.values == broken.values, "\(configuration)")
        }
    }

    @Test func threadsDoNotChangeTheResult() throws {
        let threads = ThreadPool.threads
        defer { ThreadPool.setThreads(threads) }
        for name in OptimizerName.allCases {
            var configuration = OptimizerConfiguration(name)
            if case .lbfgs(var options) = configuration {
                options.maximumIterations = 3
                configuration = .lbfgs(options)
            }
            let results = [1, 2].map { [configuration] count in
                ThreadPool.setThreads(count)
                // Muon's matrix products belong to BLAS: they are small here, so that one thread does each.
                let problem = GoldenProblem(
                    shapes: name == .muon ? [[40, 30], [70]] : [[130, 97], [7, 5, 31, 17], [10_001], [1, 1]], isNoisy: true)
                let optimizer = configuration.makeOptimizer([configuration.group(problem.parameters)])
                for step in 1...2 { optimizer.step { problem.evaluate(step: step) } }
                return problem.values
            }
            #expect(results[0] == results[1], "\(name)")
        }
    }

    @Test func emptyFrozenAndMissingGradientsAreLeftAlone() {
        for name in OptimizerName.allCases {
            let empty = Parameter(.zeros([0, 3])), frozen = Parameter(.filled([2, 2], with: 1)), missing = Parameter(.filled([2, 2], with: 1))
            let moved = Parameter(.filled([2, 2], with: 1))
            let configuration = OptimizerConfiguration(name)
            let optimizer = configuration.makeOptimizer([configuration.group([empty, frozen, missing, moved])])
            for _ in 0..<2 {
                optimizer.step {
                    frozen.requiresGradient = true
                    for parameter in [empty, frozen, moved] {
                        parameter.clearGradient()
                        parameter.accumulateGradient(.filled(parameter.shape, with: 1))
                    }
                    frozen.requiresGradient = false
                    return 1
                }
            }
            #expect(frozen.value.array == [1, 1, 1, 1] && missing.value.array == [1, 1, 1, 1], "\(name)")
            #expect(moved.value.array.allSatisfy { $0 < 1 }, "\(name)")
        }
    }

    @Test func aFailedEvaluationChangesNothing() {
        struct Broken: Error {}
        for name in OptimizerName.allCases {
            let parameter = Parameter(.filled([2, 2], with: 1))
            let configuration = OptimizerConfiguration(name)
            let optimizer = configuration.makeOptimizer([configuration.group([parameter])])
            #expect(throws: Broken.self) {
                try optimizer.step { () throws(Broken) -> Double in
                    parameter.accumulateGradient(.filled([2, 2], with: 1))
                    throw Broken()
                }
            }
            #expect(parameter.value.array == [1, 1, 1, 1] && optimizer.exportState().isEmpty, "\(name)")
        }
    }
}
