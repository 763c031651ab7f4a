import TensorEngine

/// A piece of a network that owns parameters, buffers and other modules.
///
/// A stored property that holds a `Parameter`, a `Buffer`, a `CounterBuffer`, an `IndexBuffer` or a `Module` bears torch's attribute
/// name, so state dictionary keys equal torch's without a table. Reflection runs once, at `seal()` or at first use;
/// properties of these types must not be replaced after that. It is `open` because Swift has no narrower word that lets another
/// target of the package subclass it.
open class Module {
    /// True while batch norm uses batch statistics and dropout drops.
    package private(set) var isTraining = true
    /// True for a layer with running statistics in a frozen backbone: it stays in evaluation mode.
    private var keepsStatistics = false
    /// What `setBackboneFrozen` froze, to be released; constants of the network are not among it.
    private var frozenParameters: [Parameter] = []
    private lazy var structure = ModuleStructure(of: self)

    public init() {}

    /// The children by name where they are not simply the module's properties: in containers, and in networks that
    /// hold a child under a second name. Nil lets reflection find them.
    open var namedChildren: [(name: String, module: Module)]? { nil }

    /// Finds children, parameters and buffers of this module and all below it now.
    package final func seal() {
        for child in structure.children { child.module.seal() }
    }

    package final func train() { setTraining(true) }
    package final func eval() { setTraining(false) }

    private func setTraining(_ value: Bool) {
        for module in modules() { module.isTraining = value && !module.keepsStatistics }
    }

    // MARK: Head and backbone

    /// The keys' beginnings of the layers that decide on the classes, without the last dot; the rest is the backbone.
    ///
    /// By default the layer of the last weight with two dimensions or more, and with it every child called after an
    /// auxiliary head.
    open var headPrefixes: [String] {
        let weights = namedParameters().filter { $0.parameter.shape.rank >= 2 }
        let last = weights.last.map { [$0.key.split(separator: ".").dropLast().joined(separator: ".")] } ?? []
        return last + structure.children.map(\.name).filter { $0.lowercased().hasPrefix("aux") }
    }

    /// Freezes everything but the head, or releases it again. Frozen parameters gather no gradient, so optimisers leave them
    /// alone, and batch norms of the backbone keep to their running statistics, whatever `train()` says.
    ///
    /// An optimiser made before a release trains the backbone from then on; calling twice with one value changes nothing.
    package final func setBackboneFrozen(_ isFrozen: Bool) {
        guard isFrozen == frozenParameters.isEmpty else { return }
        let prefixes = headPrefixes
        let layers = namedModules().filter { name, _ in !prefixes.contains { name == $0 || name.hasPrefix($0 + ".") } }
        for (_, layer) in layers where layer.structure.hasRunningStatistics {
            layer.keepsStatistics = isFrozen
            layer.isTraining = isTraining && !isFrozen
        }
        if isFrozen {
            frozenParameters = layers.flatMap { $0.module.structure.parameters }.filter(\.requiresGradient)
            for parameter in frozenParameters { parameter.clearGradient() }
        }
        for parameter in frozenParameters { parameter.requiresGradient = !isFrozen }
        if !isFrozen { frozenParameters = [] }
    }

    package final var isBackboneFrozen: Bool { !frozenParameters.isEmpty }

    /// This module, named "", and all below it by the beginnings of their keys.
    private func namedModules(_ name: String = "") -> [(name: String, module: Module)] {
        [(name, self)] + structure.children.flatMap { $0.module.namedModules(name.isEmpty ? $0.name : "\(name).\($0.name)") }
    }

    /// This module and all below it, parents first.
    package final func modules() -> [Module] {
        [self] + structure.children.flatMap { $0.module.modules() }
    }

    /// All trainable and frozen parameters in torch's order.
    package final func namedParameters() -> [(key: String, parameter: Parameter)] {
        namedMembers().compactMap { member in
            if case .parameter(let parameter) = member.value { (member.key, parameter) } else { nil }
        }
    }

    package final var parameters: [Parameter] { namedParameters().map(\.parameter) }

    /// All parameters and buffers in the order of torch's state dictionary: a module's own parameters, its own
    /// buffers, then its children.
    final func namedMembers(prefix: String = "") -> [(key: String, value: ModuleMember)] {
        structure.members.map { (prefix + $0.name, $0.value) }
            + structure.children.flatMap { $0.module.namedMembers(prefix: prefix + $0.name + ".") }
    }

    /// Elements of all parameters that are not frozen.
    package final var trainableParameterCount: Int {
        parameters.reduce(0) { $0 + ($1.requiresGradient ? $1.shape.count : 0) }
    }

    /// The bytes of a state dictionary: floats of four bytes, counters of eight.
    package final var stateByteCount: Int {
        namedMembers().reduce(0) { total, member in
            switch member.value {
            case .parameter(let parameter): total + 4 * parameter.shape.count
            case .buffer(let buffer): total + 4 * buffer.value.count
            case .counter: total + 8
            case .index(let index): total + 8 * index.values.count
            }
        }
    }

    /// Clears the gradients of all parameters.
    package final func clearGradients() {
        for parameter in parameters { parameter.clearGradient() }
    }

    /// The generators of all stochastic layers, in order, for a checkpoint.
    package final var randomStates: [RandomSource] {
        get { modules().compactMap { ($0 as? any StochasticLayer)?.random } }
        set {
            let layers = modules().compactMap { $0 as? any StochasticLayer }
            precondition(layers.count == newValue.count, "\(newValue.count) generators for \(layers.count) stochastic layers")
            for (layer, random) in zip(layers, newValue) { layer.random = random }
        }
    }
}

/// A module that maps one tensor to one tensor, so that it can stand in a `Sequential`.
package protocol UnaryLayer: Module {
    func callAsFunction(_ x: Tensor) -> Tensor
}

/// A tensor that is saved with a module but not trained, such as a running mean.
package final class Buffer {
    /// Changed in place; its storage stays the same for the buffer's life.
    package let value: Tensor

    package init(_ value: Tensor) { self.value = value }
}

/// A 64-bit counter that is saved with a module: torch's `num_batches_tracked`.
package final class CounterBuffer {
    package var value: Int64 = 0

    package init() {}
}

/// 64-bit numbers that a network is built with and that are saved beside its weights, such as Swin's table of relative positions.
package final class IndexBuffer {
    package let values: [Int64]

    package init(_ values: [Int64]) { self.values = values }
}

/// What a state dictionary holds under one key.
enum ModuleMember {
    case parameter(Parameter)
    case buffer(Buffer)
    case counter(CounterBuffer)
    case index(IndexBuffer)
}

/// The result of reflecting on a module once.
struct ModuleStructure {
    private(set) var members: [(name: String, value: ModuleMember)] = []
    private(set) var children: [(name: String, module: Module)] = []

    var parameters: [Parameter] {
        members.compactMap { member in if case .parameter(let parameter) = member.value { parameter } else { nil } }
    }

    /// Statistics of the data are counted: torch's `num_batches_tracked`.
    var hasRunningStatistics: Bool {
        members.contains { member in if case .counter = member.value { true } else { false } }
    }

    init(of module: Module) {
        if let named = module.namedChildren {
            children = named
            return
        }
        var chain: [Mirror] = []
        var mirror: Mirror? = Mirror(reflecting: module)
        while let current = mirror, current.subjectType != Module.self {
            chain.append(current)
            mirror = current.superclassMirror
        }
        var buffers: [(name: String, value: ModuleMember)] = []
        for property in chain.reversed().flatMap(\.children) {
            guard let name = property.label else { continue }
            // A cast looks through optionals; absent biases and shortcuts fall through.
            if let parameter = property.value as? Parameter {
                members.append((name, .parameter(parameter)))
            } else if let buffer = property.value as? Buffer {
                buffers.append((name, .buffer(buffer)))
            } else if let counter = property.value as? CounterBuffer {
                buffers.append((name, .counter(counter)))
            } else if let index = property.value as? IndexBuffer {
                buffers.append((name, .index(index)))
            } else if let child = property.value as? Module {
                children.append((name, child))
            }
        }
        members += buffers
    }
}
