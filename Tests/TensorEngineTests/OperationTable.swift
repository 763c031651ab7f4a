import TensorEngine
import Testing

/// Values in double precision under a shape: what slow references work on.
struct Reference: Sendable {
    let shape: [Int]
    var values: [Double]
    var count: Int { values.count }

    init(_ shape: [Int], _ values: [Double]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
        self.shape = shape
        self.values = values
    }

    init(_ shape: [Int]) { self.init(shape, [Double](repeating: 0, count: shape.reduce(1, *))) }

    /// An element of an image tensor `[N, H, W, C]`.
    subscript(n: Int, h: Int, w: Int, c: Int) -> Double {
        get { values[((n * shape[1] + h) * shape[2] + w) * shape[3] + c] }
        set { values[((n * shape[1] + h) * shape[2] + w) * shape[3] + c] = newValue }
    }
}

/// One row of the operation table: how the engine computes it, and how a slow, obvious loop does.
struct OperationCase: CustomTestStringConvertible, Sendable {
    let name: String
    /// Shapes of the inputs whose gradients are checked, then of parameters.
    let inputs: [[Int]]
    var parameters: [[Int]] = []
    /// The inputs' shapes in the speed table; nil leaves the operation out of it.
    var speedInputs: [[Int]]?
    /// How far a value may be from the reference, relative to one plus its size.
    var tolerance = 2e-5
    let run: @Sendable ([Tensor], [Parameter]) -> [Tensor]
    let reference: @Sendable ([Reference], [Reference]) -> [Reference]

    var testDescription: String { name }

    /// Fixed pseudo-random arguments, spread around zero so that both sides of each kink occur.
    func makeArguments(inputs shapes: [[Int]]? = nil) -> (inputs: [Reference], parameters: [Reference]) {
        var random = RandomSource(seed: 7)
        func make(_ shape: [Int]) -> Reference {
            // Rounded to Float, so that engine and reference see the same numbers.
            Reference(shape, (0..<shape.reduce(1, *)).map { _ in Double(2 * random.normal()) })
        }
        return ((shapes ?? inputs).map(make), parameters.map(make))
    }
}

extension Reference {
    var tensor: Tensor { Tensor(values.map { Float($0) }, shape: Shape(shape)) }
}

/// The gradients that the engine's tape finds, and those of central differences of the slow reference, for the
/// function Σ w·y with fixed random w over all outputs.
struct GradientComparison {
    private(set) var engine: [[Double]] = []
    private(set) var numeric: [[Double]] = []

    init(_ operation: OperationCase) {
        let (inputs, parameters) = operation.makeArguments()
        let tape = Tape()
        let tensors = inputs.map { tape.input($0.tensor, needsGradient: true) }
        let trainable = parameters.map { Parameter($0.tensor) }
        let outputs = operation.run(tensors, trainable)
        var random = RandomSource(seed: 11)
        let weights = outputs.map { output in (0..<output.count).map { _ in Double(random.normal()) } }
        tape.backward(from: zip(outputs, weights).map { ($0, Tensor($1.map { Float($0) }, shape: $0.shape)) })
        let gradients = tensors.map { tape.takeGradient(of: $0.node) } + trainable.map(\.gradient)
        engine = gradients.map { $0?.array.map { Double($0) } ?? [] }

        func loss(_ arguments: [Reference]) -> Double {
            let results = operation.reference(Array(arguments.prefix(inputs.count)), Array(arguments.dropFirst(inputs.count)))
            return zip(results, weights).reduce(0) { $0 + zip($1.0.values, $1.1).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        var arguments = inputs + parameters
        let step = 1e-5
        for index in arguments.indices {
            var gradient: [Double] = []
            for element in arguments[index].values.indices {
                let original = arguments[index].values[element]
                arguments[index].values[element] = original + step
                let above = loss(arguments)
                arguments[index].values[element] = original - step
                gradient.append((above - loss(arguments)) / (2 * step))
                arguments[index].values[element] = original
            }
            numeric.append(gradient)
        }
    }
}
